import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type NewUser, UsernameTakenError, UserStore } from 'nest-gatehouse/auth/storage';
import { BadCursorError } from 'nest-gatehouse/common';
import { authSuite, parallel, type AuthHarness, type AuthHarnessFactory } from './auth-harness.js';
import type { TestRunner } from './harness.js';

function newUser({ now }: AuthHarness, username: string, changes: Partial<NewUser> = {}): NewUser {
  const id = randomBytes(16).toString('base64url');
  return { id, username, canonicalUsername: username.toLowerCase(), createdAt: now(), ...changes };
}

/** What every `UserStore` promises. */
export function userStoreContract(name: string, factory: AuthHarnessFactory, runner?: TestRunner): void {
  authSuite(`${name}: UserStore`, factory, runner, (scenario) => {
    scenario('gives back what was inserted, and fills in what was not given', async (harness) => {
      const { users } = harness;
      const user = newUser(harness, 'Alice');
      const expected = {
        ...user,
        passwordHash: null,
        pepperId: null,
        roles: [],
        disabled: false,
        mustChangePassword: false,
        oneTimeExpiresAt: null,
        oneTimeUsedAt: null,
        epoch: 0,
        rightsChangedAt: user.createdAt,
        knownNetworks: [],
        passwordChangedAt: null,
        lastSignInAt: null,
      };
      assert.deepEqual(plain(await users.insert(user)), expected);
      assert.deepEqual(plain(await users.findById(user.id)), expected);
      assert.deepEqual(plain(await users.findByCanonicalUsername('alice')), expected);
    });

    scenario('keeps every field as it was given', async (harness) => {
      const { users } = harness;
      const full = newUser(harness, 'Ålice 🐎', {
        passwordHash: '$2b$12$abc',
        pepperId: 'p1',
        roles: ['admin', 'a.b', '$x'],
        disabled: true,
        mustChangePassword: true,
        oneTimeExpiresAt: harness.now() + 3,
        oneTimeUsedAt: harness.now() + 4,
        epoch: 3,
        rightsChangedAt: harness.now() + 5,
        knownNetworks: ['192.0.2.1', '2001:db8:0:0::/64'],
        passwordChangedAt: harness.now() + 6,
        lastSignInAt: harness.now() + 7,
      });
      await users.insert(full);
      assert.deepEqual(plain(await users.findById(full.id)), full);
    });

    scenario('knows nobody who is not there', async ({ users }) => {
      for (const key of ['', 'nobody', '__proto__', 'constructor', '{"$ne":null}', "' OR 1=1 --", '\u0000']) {
        assert.equal(await users.findById(key), null);
        assert.equal(await users.findByCanonicalUsername(key), null);
        assert.equal(await users.update(key, { disabled: true }), null);
      }
      assert.deepEqual(plain(await users.list({ limit: 10 })), { items: [], next: null });
    });

    scenario('refuses a canonical username, or an id, that is taken', async (harness) => {
      const { users } = harness;
      const user = newUser(harness, 'Alice');
      await users.insert(user);
      await assert.rejects(async () => users.insert(newUser(harness, 'ALICE')), UsernameTakenError);
      await assert.rejects(async () => users.insert(newUser(harness, 'bob', { id: user.id })), UsernameTakenError);
      assert.equal((await users.findById(user.id))?.username, 'Alice');
      assert.equal(await users.findByCanonicalUsername('bob'), null);
    });

    scenario('lets one of 100 parallel inserts of a username win', async (harness) => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 100 }, async () => harness.users.insert(newUser(harness, 'Alice'))),
      );
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const outcome of outcomes)
        assert.ok(outcome.status === 'fulfilled' || outcome.reason instanceof UsernameTakenError);
    });

    scenario('changes the given fields alone, and answers with the new record', async (harness) => {
      const { users } = harness;
      const user = newUser(harness, 'alice', { roles: ['admin'], passwordHash: 'h1', lastSignInAt: harness.now() });
      const before = await users.insert(user);
      const changed = await users.update(user.id, { roles: [], passwordHash: null, disabled: undefined });
      assert.deepEqual(plain(changed), plain({ ...before, roles: [], passwordHash: null }));
      assert.deepEqual(plain(await users.findById(user.id)), plain(changed));
    });

    scenario('knows when a one-time password was used, and that the next password is none', async (harness) => {
      const { users } = harness;
      const oneTimeUsedAt = harness.now();
      const oneTimeExpiresAt = oneTimeUsedAt + 1_000;
      const { id } = await users.insert(newUser(harness, 'alice', { passwordHash: 'h1', oneTimeExpiresAt }));
      const used = await users.update(id, { passwordHash: 'h2', oneTimeUsedAt }, { passwordHash: 'h1' });
      assert.deepEqual([used?.oneTimeExpiresAt, used?.oneTimeUsedAt], [oneTimeExpiresAt, oneTimeUsedAt]);
      await users.update(id, { passwordHash: 'h3', oneTimeExpiresAt: null, oneTimeUsedAt: null });
      const found = await users.findById(id);
      assert.deepEqual([found?.oneTimeExpiresAt, found?.oneTimeUsedAt], [null, null]);
    });

    scenario('raises the epoch by one with each call that asks for it, in parallel too', async (harness) => {
      const { users } = harness;
      const { id } = await users.insert(newUser(harness, 'alice'));
      const raised = await parallel(100, async () => (await users.update(id, { raiseEpoch: true }))?.epoch);
      assert.deepEqual(
        raised.sort((a, b) => a! - b!),
        Array.from({ length: 100 }, (_, n) => n + 1),
      );
      assert.equal((await users.update(id, { disabled: true, raiseEpoch: false }))?.epoch, 100);
    });

    scenario('raises the epoch to more than a number, in the same step as everything else', async (harness) => {
      const { users } = harness;
      const { id } = await users.insert(newUser(harness, 'alice', { roles: ['user'] }));
      const changes = {
        passwordHash: '$2b$12$abc',
        pepperId: '$p',
        roles: ['$x', 'a.b'],
        passwordChangedAt: harness.now(),
      };
      const raised = await users.update(id, { ...changes, disabled: true, raiseEpoch: 7 }, { epoch: 0 });
      assert.equal(raised?.epoch, 8);
      assert.deepEqual(plain(await users.findById(id)), plain({ ...raised, ...changes, disabled: true }));
      assert.equal((await users.update(id, { raiseEpoch: 3 }))?.epoch, 9);
      assert.equal((await users.update(id, { raiseEpoch: 0 }))?.epoch, 10);
      assert.equal(await users.update(id, { raiseEpoch: 20 }, { epoch: 9 }), null);
      const parallelly = await parallel(20, async () => (await users.update(id, { raiseEpoch: 10 }))?.epoch);
      assert.deepEqual(
        parallelly.sort((a, b) => a! - b!),
        Array.from({ length: 20 }, (_, n) => n + 11),
      );
      assert.equal((await users.findById(id))?.epoch, 30);
    });

    scenario('changes nothing unless what was expected still holds', async (harness) => {
      const { users } = harness;
      const { id } = await users.insert(newUser(harness, 'alice', { passwordHash: 'h1' }));
      assert.equal(await users.update(id, { disabled: true }, { passwordHash: 'h2' }), null);
      assert.equal(await users.update(id, { disabled: true }, { passwordHash: null }), null);
      assert.equal(await users.update(id, { disabled: true }, { passwordHash: 'h1', epoch: 1 }), null);
      assert.equal((await users.findById(id))?.disabled, false);
      assert.equal((await users.update(id, { disabled: true }, { passwordHash: 'h1', epoch: 0 }))?.disabled, true);
    });

    scenario('lets one of 100 parallel changes with the same expectation win', async (harness) => {
      const { users } = harness;
      const { id } = await users.insert(newUser(harness, 'alice', { passwordHash: 'h0' }));
      const change = { raiseEpoch: true };
      const outcomes = await parallel(100, (n) =>
        users.update(id, { ...change, passwordHash: `n${n}` }, { passwordHash: 'h0', epoch: 0 }),
      );
      const winners = outcomes.filter((outcome) => outcome !== null);
      assert.equal(winners.length, 1);
      assert.equal((await users.findById(id))?.passwordHash, winners[0]!.passwordHash);
    });

    scenario('remembers the five newest networks', async (harness) => {
      const { users } = harness;
      const { id } = await users.insert(newUser(harness, 'alice'));
      const networks = ['a', 'b', 'c', 'd', 'e', 'f'];
      assert.deepEqual(
        Array.from((await users.update(id, { knownNetworks: networks }))!.knownNetworks),
        networks.slice(0, 5),
      );
    });

    scenario('shares no record by reference', async (harness) => {
      const { users } = harness;
      const roles = ['a'];
      const { id } = await users.insert(newUser(harness, 'alice', { roles }));
      roles.push('admin');
      const found = await users.findById(id);
      try {
        (found!.roles as string[]).push('admin');
      } catch {
        // A frozen record is as good.
      }
      assert.deepEqual(Array.from((await users.findById(id))!.roles), ['a']);
    });

    scenario('lists by canonical username in pages that neither repeat nor hide others', async (harness) => {
      const { users } = harness;
      const names = ['delta', 'Alpha', 'echo', 'bravo', 'Charlie'];
      for (const username of names) await users.insert(newUser(harness, username));
      const first = await users.list({ limit: 2 });
      assert.deepEqual(
        first.items.map((user) => user.canonicalUsername),
        ['alpha', 'bravo'],
      );
      await users.insert(newUser(harness, 'aardvark'));
      const second = await users.list({ limit: 2, cursor: first.next! });
      assert.deepEqual(
        second.items.map((user) => user.canonicalUsername),
        ['charlie', 'delta'],
      );
      const third = await users.list({ limit: 2, cursor: second.next! });
      assert.deepEqual([third.items.map((user) => user.canonicalUsername), third.next], [['echo'], null]);
      assert.equal((await users.list({ limit: 6 })).next, null);
    });

    scenario('lists those whose canonical usernames begin with a prefix, in pages', async (harness) => {
      const { users } = harness;
      const names = ['an', 'ann', 'anna', 'annb', 'ann\u{10FFFD}', 'ao', 'bann', 'å', '%nn', 'a_n'];
      for (const name of names) await users.insert(newUser(harness, name));
      const listed = async (prefix: string) => {
        const found: string[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = await users.list({ limit: 2, cursor, prefix });
          found.push(...Array.from(page.items, ({ username }) => username));
          cursor = page.next;
        }
        return found.sort();
      };
      for (const prefix of ['', 'a', 'an', 'ann', 'anna', 'b', 'c', 'å', '%', 'a_', '.*']) {
        assert.deepEqual(await listed(prefix), names.filter((name) => name.startsWith(prefix)).sort());
      }
    });

    scenario('deletes an account once, and its name is free again', async (harness) => {
      const { users } = harness;
      // An application may delete its accounts itself.
      if (users.delete === UserStore.prototype.delete) return;
      const user = await users.insert(newUser(harness, 'Ann'));
      await users.insert(newUser(harness, 'Bob'));
      const deleted = await parallel(10, () => users.delete(user.id));
      assert.deepEqual(deleted.filter(Boolean), [true]);
      assert.equal(await users.findById(user.id), null);
      assert.equal(await users.findByCanonicalUsername('ann'), null);
      assert.equal(await users.update(user.id, { disabled: true }), null);
      assert.equal(await users.delete('nobody'), false);
      await users.insert(newUser(harness, 'Ann'));
      assert.deepEqual(
        Array.from((await users.list({ limit: 10 })).items, ({ username }) => username),
        ['Ann', 'Bob'],
      );
    });

    scenario('knows whether another account, that is not disabled, has a role', async (harness) => {
      const { users } = harness;
      const first = await users.insert(newUser(harness, 'first', { roles: ['admin', 'a'] }));
      assert.equal(await users.hasOther('admin', first.id), false);
      assert.equal(await users.hasOther('admin', 'nobody'), true);
      await users.insert(newUser(harness, 'like', { roles: ['administrator', 'dmin', 'a"admin"b'] }));
      const second = await users.insert(newUser(harness, 'second', { roles: ['b', 'admin'], disabled: true }));
      assert.equal(await users.hasOther('admin', first.id), false);
      await users.update(second.id, { disabled: false });
      assert.equal(await users.hasOther('admin', first.id), true);
      await users.update(second.id, { roles: [] });
      assert.equal(await users.hasOther('admin', first.id), false);
    });

    scenario('refuses a cursor that it did not give out', async ({ users }) => {
      for (const cursor of [
        '',
        'x',
        '%00',
        Buffer.from('["audit","a"]').toString('base64url'),
        Buffer.from('{}').toString('base64url'),
      ]) {
        await assert.rejects(async () => users.list({ limit: 2, cursor }), BadCursorError);
      }
    });
  });
}

/** Arrays and objects of our own: those of a native driver may have another prototype under a test runner. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
