import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { BadCursorError } from 'nest-gatehouse/common';
import { ApiKeyExistsError, type ApiKeyRecord, type ApiKeyScope } from 'nest-gatehouse/sessman/storage';
import { parallel } from './auth-harness.js';
import type { TestRunner } from './harness.js';
import { sessmanSuite, type SessmanHarness, type SessmanHarnessFactory } from './sessman-harness.js';
import { aHash } from './session-record.js';

const MINUTE = 60_000;
const STRANGE = ['', 'nobody', '__proto__', 'constructor', '{"$ne":null}', "' OR 1=1 --", '\u0000'];

function newKey({ now }: SessmanHarness, changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id: randomBytes(10).toString('hex'),
    secretHash: aHash(),
    formerSecretHash: null,
    formerSecretUntil: 0,
    namespace: 'shop',
    scopes: ['sessions:read'],
    ownerId: null,
    createdAt: now(),
    expiresAt: null,
    lastUsedAt: null,
    ...changes,
  };
}

/** What every `ApiKeyStore` promises. */
export function apiKeyStoreContract(name: string, factory: SessmanHarnessFactory, runner?: TestRunner): void {
  sessmanSuite(`${name}: ApiKeyStore`, factory, runner, (scenario) => {
    scenario('gives back what was inserted, every field as it was given', async (harness) => {
      const plainKey = newKey(harness);
      const full = newKey(harness, {
        formerSecretHash: aHash(),
        formerSecretUntil: harness.now() + 5,
        namespace: 'a.b_c-9',
        scopes: ['sessions:list', 'sessions:write', 'sessions:read'],
        ownerId: 'é 🐎\u0000$x',
        expiresAt: harness.now() + 6,
        lastUsedAt: harness.now() - 7,
      });
      for (const key of [plainKey, full]) {
        await harness.keys.insert(key);
        assert.deepEqual(plain(await harness.keys.read(key.id)), key);
      }
    });

    scenario('gives back an expired key too, which is for its reader to refuse', async (harness) => {
      const key = newKey(harness, { expiresAt: harness.now() - MINUTE });
      await harness.keys.insert(key);
      assert.deepEqual(plain(await harness.keys.read(key.id)), key);
    });

    scenario('knows no key that is not there', async ({ keys }) => {
      for (const id of STRANGE) {
        assert.equal(await keys.read(id), null);
        assert.equal(await keys.delete(id), false);
        assert.equal(await keys.deleteByOwner(id), 0);
        assert.equal(await keys.rotate(id, rotationFrom(aHash())), 'gone');
        await keys.used(id, 1, MINUTE);
      }
      assert.deepEqual(plain(await keys.list({ limit: 10 })), { items: [], next: null });
    });

    scenario('shares no record by reference', async (harness) => {
      const scopes: ApiKeyScope[] = ['sessions:read'];
      const key = newKey(harness, { scopes });
      const inserted = harness.keys.insert(key);
      scopes.push('sessions:write');
      Object.assign(key, { namespace: 'stolen' });
      await inserted;
      const read = await harness.keys.read(key.id);
      assert.deepEqual([read?.namespace, [...read!.scopes]], ['shop', ['sessions:read']]);
      assert.throws(() => (read!.scopes as ApiKeyScope[]).push('sessions:list'), TypeError);
      assert.throws(() => Object.assign(read!, { namespace: 'stolen' }), TypeError);
    });

    scenario('refuses an id that is taken, to all but one of 20 at once', async (harness) => {
      const { id } = newKey(harness);
      const given = Array.from({ length: 20 }, () => newKey(harness, { id }));
      const outcomes = await Promise.allSettled(given.map(async (key) => harness.keys.insert(key)));
      const winners = given.filter((_, n) => outcomes[n]!.status === 'fulfilled');
      assert.equal(winners.length, 1);
      for (const outcome of outcomes)
        assert.ok(outcome.status === 'fulfilled' || outcome.reason instanceof ApiKeyExistsError);
      assert.deepEqual(plain(await harness.keys.read(id)), winners[0]);
    });

    scenario('lists the newest first, page by page, also those made at the same time', async (harness) => {
      const times = [3, 1, 2, 2, 2, 5, 4];
      const made = times.map((after) => newKey(harness, { createdAt: harness.now() + after }));
      for (const key of made) await harness.keys.insert(key);
      const expected = made.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
      assert.deepEqual(await pagesOf(harness, 2), [
        expected.slice(0, 2),
        expected.slice(2, 4),
        expected.slice(4, 6),
        expected.slice(6),
      ]);
      assert.deepEqual(await pagesOf(harness, 7), [expected]);
      const { items } = await harness.keys.list({ limit: 1 });
      assert.deepEqual(plain(items[0]), made[0]);
    });

    scenario('goes on where a page ended, whatever was made or deleted meanwhile', async (harness) => {
      const made = [1, 2, 3, 4].map((after) => newKey(harness, { createdAt: harness.now() + after }));
      for (const key of made) await harness.keys.insert(key);
      const first = await harness.keys.list({ limit: 2 });
      await harness.keys.insert(newKey(harness, { createdAt: harness.now() + 9 }));
      await harness.keys.delete(made[2]!.id);
      const second = await harness.keys.list({ limit: 2, cursor: first.next! });
      assert.deepEqual(idsOf(second.items), [made[1]!.id, made[0]!.id]);
    });

    scenario('refuses a cursor that it did not give out', async ({ keys }) => {
      const foreign = ['["users","a"]', '{}', '["api_keys","x","a"]', '["api_keys",1]', '["api_keys",1,"a",2]'];
      const encoded = foreign.map((text) => Buffer.from(text).toString('base64url'));
      for (const cursor of ['', 'x', '%00', ...encoded]) {
        await assert.rejects(async () => keys.list({ limit: 2, cursor }), BadCursorError);
      }
    });

    scenario('rotates the secrets alone, and from the expected one alone', async (harness) => {
      const { keys } = harness;
      const key = newKey(harness, { ownerId: 'ann', expiresAt: harness.now() + 1, lastUsedAt: harness.now() });
      await keys.insert(key);
      assert.equal(await keys.rotate(key.id, rotationFrom(aHash())), 'stale');
      assert.deepEqual(plain(await keys.read(key.id)), key);
      const { expectedSecretHash, ...secrets } = rotationFrom(key.secretHash, harness.now() + 50);
      assert.equal(await keys.rotate(key.id, { expectedSecretHash, ...secrets }), 'rotated');
      assert.deepEqual(plain(await keys.read(key.id)), { ...key, ...secrets });
      assert.equal(await keys.rotate(key.id, rotationFrom(secrets.secretHash)), 'rotated');
      const read = await keys.read(key.id);
      assert.deepEqual([read?.formerSecretHash, read?.formerSecretUntil], [null, 0]);
    });

    scenario('rotates once of 20 times at once', async (harness) => {
      const key = newKey(harness);
      await harness.keys.insert(key);
      const given = Array.from({ length: 20 }, () => rotationFrom(key.secretHash));
      const outcomes = await parallel(20, (n) => harness.keys.rotate(key.id, given[n]!));
      assert.equal(outcomes.filter((outcome) => outcome === 'rotated').length, 1);
      assert.equal(outcomes.filter((outcome) => outcome === 'stale').length, 19);
      const winner = given[outcomes.indexOf('rotated')]!;
      assert.equal((await harness.keys.read(key.id))?.secretHash, winner.secretHash);
    });

    scenario('notes the last use only if the one before is old enough', async (harness) => {
      const { keys } = harness;
      const at = harness.now();
      const key = newKey(harness);
      await keys.insert(key);
      const lastUsedAt = async (time: number) => {
        await keys.used(key.id, time, MINUTE);
        return (await keys.read(key.id))?.lastUsedAt;
      };
      assert.equal(await lastUsedAt(at), at);
      assert.equal(await lastUsedAt(at + MINUTE - 1), at);
      assert.equal(await lastUsedAt(at - 10 * MINUTE), at);
      assert.equal(await lastUsedAt(at + MINUTE), at + MINUTE);
      assert.deepEqual(plain(await keys.read(key.id)), { ...key, lastUsedAt: at + MINUTE });
    });

    scenario('forgets a deleted key for good, and is told so once of 20 times', async (harness) => {
      const [deleted, kept] = [newKey(harness), newKey(harness)];
      for (const key of [deleted, kept]) await harness.keys.insert(key);
      const outcomes = await parallel(20, () => harness.keys.delete(deleted.id));
      assert.equal(outcomes.filter((each) => each).length, 1);
      await harness.keys.used(deleted.id, harness.now(), MINUTE);
      assert.equal(await harness.keys.rotate(deleted.id, rotationFrom(deleted.secretHash)), 'gone');
      assert.equal(await harness.keys.read(deleted.id), null);
      assert.deepEqual(idsOf((await harness.keys.list({ limit: 10 })).items), [kept.id]);
    });

    scenario('deletes the keys of one owner, and no others', async (harness) => {
      const owners = ['ann', 'ann', 'bob', null, 'ann\u0000', '$ann'];
      const made = owners.map((ownerId) => newKey(harness, { ownerId }));
      for (const key of made) await harness.keys.insert(key);
      assert.equal(await harness.keys.deleteByOwner('ann'), 2);
      assert.equal(await harness.keys.deleteByOwner('ann'), 0);
      const left = made.filter(({ ownerId }) => ownerId !== 'ann');
      assert.deepEqual(idsOf((await harness.keys.list({ limit: 10 })).items).sort(), idsOf(left).sort());
    });
  });
}

function rotationFrom(expectedSecretHash: string, formerSecretUntil = 0) {
  const formerSecretHash = formerSecretUntil > 0 ? expectedSecretHash : null;
  return { secretHash: aHash(), formerSecretHash, formerSecretUntil, expectedSecretHash };
}

async function pagesOf({ keys }: SessmanHarness, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await keys.list({ limit, cursor });
    pages.push(idsOf(page.items));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return pages;
}

function idsOf(keys: readonly ApiKeyRecord[]): string[] {
  return Array.from(keys, ({ id }) => id);
}

/** Arrays and objects of our own: those of a native driver may have another prototype under a test runner. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
