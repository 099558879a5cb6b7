import assert from 'node:assert/strict';
import type { AuditedSession, AuditEntry, AuditFilter } from 'nest-gatehouse/auth/storage';
import { BadCursorError } from 'nest-gatehouse/common';
import { authSuite, parallel, type AuthHarness, type AuthHarnessFactory } from './auth-harness.js';
import type { TestRunner } from './harness.js';

let sequence = 0;

function newEntry({ now }: AuthHarness, changes: Partial<AuditEntry> = {}): AuditEntry {
  const at = changes.at ?? now();
  const id = at.toString(16).padStart(12, '0') + (++sequence).toString(16).padStart(22, '0');
  const nothing = {
    actorId: null,
    userId: null,
    username: null,
    handle: null,
    ip: null,
    userAgent: null,
    detail: null,
    session: null,
  };
  return { id, at, type: 'login.ok', ...nothing, ...changes };
}

const SESSION: AuditedSession = {
  username: 'ann $x',
  ip: '192.0.2.1',
  userAgent: 'agent "1"',
  createdAt: 1,
  lastSeenAt: 2,
  idleExpiresAt: 3,
  absoluteExpiresAt: 4,
  authTime: null,
  amr: ['pwd', 'otp'],
};

/** What every `AuditLog` promises. */
export function auditLogContract(name: string, factory: AuthHarnessFactory, runner?: TestRunner): void {
  authSuite(`${name}: AuditLog`, factory, runner, (scenario) => {
    scenario('gives back every field as it was given', async (harness) => {
      const full = newEntry(harness, {
        type: 'user.roles_changed',
        actorId: 'actor',
        userId: 'user',
        username: '<b>Å 🐎</b>',
        handle: 'handle',
        ip: '2001:db8::1',
        userAgent: 'agent\u0000',
        detail: 'admin $x a.b',
        session: SESSION,
      });
      const bare = newEntry(harness);
      await harness.audit.append(full);
      await harness.audit.append(bare);
      const { items, next } = await harness.audit.find({}, { limit: 10 });
      assert.deepEqual(
        items.map((entry) => ({ ...entry })),
        [bare, full],
      );
      assert.equal(next, null);
    });

    scenario('keeps all of 100 parallel entries', async (harness) => {
      const entries = Array.from({ length: 100 }, () => newEntry(harness));
      await parallel(100, (n) => harness.audit.append(entries[n]!));
      assert.deepEqual(await idsOf(harness, {}, 100), entries.map(({ id }) => id).reverse());
    });

    scenario('filters by user, type and time', async (harness) => {
      const start = harness.now();
      const entries = [
        newEntry(harness, { at: start, userId: 'a', type: 'login.ok' }),
        newEntry(harness, { at: start + 10, userId: 'b', actorId: 'a', type: 'login.ok' }),
        newEntry(harness, { at: start + 20, userId: 'a', type: 'logout' }),
      ];
      for (const entry of entries) await harness.audit.append(entry);
      const [first, second, third] = entries.map(({ id }) => id);
      assert.deepEqual(await idsOf(harness, { userId: 'a' }), [third, first]);
      assert.deepEqual(await idsOf(harness, { type: 'login.ok' }), [second, first]);
      assert.deepEqual(await idsOf(harness, { userId: 'a', type: 'logout' }), [third]);
      assert.deepEqual(await idsOf(harness, { since: start + 10 }), [third, second]);
      assert.deepEqual(await idsOf(harness, { before: start + 10 }), [first]);
      assert.deepEqual(await idsOf(harness, { since: start + 10, before: start + 20 }), [second]);
      assert.deepEqual(await idsOf(harness, { userId: 'nobody' }), []);
    });

    scenario('pages newest first, and an entry that comes meanwhile hides no other', async (harness) => {
      const { audit } = harness;
      const entries = Array.from({ length: 5 }, (_, n) => newEntry(harness, { at: harness.now() + n, userId: 'a' }));
      for (const entry of entries) await audit.append(entry);
      const newest = entries.map(({ id }) => id).reverse();
      const first = await audit.find({ userId: 'a' }, { limit: 2 });
      assert.deepEqual(
        first.items.map(({ id }) => id),
        newest.slice(0, 2),
      );
      await audit.append(newEntry(harness, { at: harness.now() + 9, userId: 'a' }));
      const second = await audit.find({ userId: 'a' }, { limit: 2, cursor: first.next! });
      assert.deepEqual(
        second.items.map(({ id }) => id),
        newest.slice(2, 4),
      );
      const third = await audit.find({ userId: 'a' }, { limit: 2, cursor: second.next! });
      assert.deepEqual([third.items.map(({ id }) => id), third.next], [newest.slice(4), null]);
    });

    scenario('pages through whatever it is filtered by, each entry once', async (harness) => {
      const { audit } = harness;
      const start = harness.now();
      const entries = Array.from({ length: 60 }, (_, n) =>
        newEntry(harness, { at: start + n, userId: n % 2 ? 'ann' : null, type: n % 5 ? 'login.ok' : 'logout' }),
      );
      await Promise.all(entries.map((entry) => audit.append(entry)));
      const [since, before] = [start + 10, start + 40];
      const filters: AuditFilter[] = [
        {},
        { userId: 'ann' },
        { type: 'logout' },
        { userId: 'ann', type: 'logout' },
        { since, before },
        { userId: 'ann', since, before },
        { before: start + 500 },
        { since: start + 500 },
      ];
      for (const filter of filters) {
        const wanted = entries.filter(
          ({ userId, type, at }) =>
            (filter.userId ?? userId) === userId &&
            (filter.type ?? type) === type &&
            at >= (filter.since ?? 0) &&
            at < (filter.before ?? Infinity),
        );
        const read: AuditEntry[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = await audit.find(filter, { limit: 7, cursor });
          read.push(...page.items);
          cursor = page.next;
        }
        assert.deepEqual(read, wanted.reverse());
      }
    });

    scenario('finds and counts by every condition alone and together', async (harness) => {
      const { audit } = harness;
      const pick = (list: readonly string[], n: number) => list[n % list.length]!;
      const entries = Array.from({ length: 48 }, (_, n) =>
        newEntry(harness, {
          at: harness.now() + n,
          userId: pick(['ann', 'bob'], n),
          actorId: pick(['ann', 'root', 'bob'], n),
          type: pick(['login.ok', 'session.ended'], Math.floor(n / 2)) as AuditEntry['type'],
          ip: pick(['192.0.2.1', '2001:db8::1'], Math.floor(n / 4)),
          handle: pick(['h1', 'h2', 'h3', 'h4'], Math.floor(n / 3)),
        }),
      );
      await audit.appendAll(entries);
      await audit.appendAll([]);
      const conditions: AuditFilter = {
        userId: 'ann',
        actorId: 'root',
        type: 'session.ended',
        ip: '192.0.2.1',
        handle: 'h1',
        since: harness.now() + 3,
        before: harness.now() + 40,
      };
      const names = Object.keys(conditions) as (keyof AuditFilter)[];
      for (let chosen = 0; chosen < 2 ** names.length; chosen++) {
        const given = names.filter((_, n) => chosen & (1 << n)).map((name) => [name, conditions[name]] as const);
        const { since = 0, before = Infinity, ...exact } = Object.fromEntries(given) as AuditFilter;
        const wanted = entries.filter(
          (entry) =>
            entry.at >= since &&
            entry.at < before &&
            (Object.keys(exact) as (keyof typeof exact)[]).every((name) => entry[name] === exact[name]),
        );
        const filter = { ...exact, ...(since > 0 && { since }), ...(before < Infinity && { before }) };
        assert.deepEqual(await idsOf(harness, filter, 50), wanted.map(({ id }) => id).reverse());
        assert.equal(await audit.count(filter), wanted.length);
      }
    });

    scenario('puts a pseudonym in place of an account, and nothing else changes', async (harness) => {
      const { audit } = harness;
      const account = { id: 'id-1', usernames: ['Ann', 'ann'] };
      const entries = [
        newEntry(harness, { userId: 'id-1', actorId: 'root', detail: 'id-1' }),
        newEntry(harness, { userId: 'id-2', actorId: 'id-1', handle: 'h' }),
        newEntry(harness, { username: 'Ann' }),
        newEntry(harness, { username: 'ann' }),
        newEntry(harness, { username: 'anna', userId: 'id-12' }),
        newEntry(harness, { userId: 'id-1', session: { ...SESSION, username: 'ann' } }),
        newEntry(harness, { userId: 'id-2', session: SESSION }),
      ];
      for (const entry of entries) await audit.append(entry);
      let changed = 0;
      for (let some = 1; some > 0; changed += some) some = await audit.pseudonymise(account, 'gone-7', 2);
      assert.equal(changed, 5);
      const renamed = (entry: AuditEntry): AuditEntry => ({
        ...entry,
        userId: entry.userId === 'id-1' ? 'gone-7' : entry.userId,
        actorId: entry.actorId === 'id-1' ? 'gone-7' : entry.actorId,
        username: account.usernames.includes(entry.username ?? '') ? 'gone-7' : entry.username,
        session: entry.session?.username === 'ann' ? { ...entry.session, username: 'gone-7' } : (entry.session ?? null),
      });
      const { items } = await audit.find({}, { limit: 50 });
      assert.deepEqual(
        Array.from(items, (entry) => ({ ...entry })),
        entries.map(renamed).reverse(),
      );
      assert.equal((await audit.find({ userId: 'gone-7' }, { limit: 50 })).items.length, 2);
      assert.equal((await audit.find({ userId: 'id-1' }, { limit: 50 })).items.length, 0);
    });

    scenario('refuses a cursor that it did not give out', async ({ audit }) => {
      for (const cursor of [
        '',
        'x',
        Buffer.from('["users","a"]').toString('base64url'),
        Buffer.from('[1,2]').toString('base64url'),
      ]) {
        await assert.rejects(async () => audit.find({}, { limit: 2, cursor }), BadCursorError);
      }
    });

    scenario('lets old entries go in batches, and no others', async (harness) => {
      const { audit } = harness;
      const start = harness.now();
      const entries = Array.from({ length: 6 }, (_, n) => newEntry(harness, { at: start + n }));
      for (const entry of entries) await audit.append(entry);
      assert.equal(await audit.expire(start + 4, 3), 3);
      assert.equal(await audit.expire(start + 4, 3), 1);
      assert.equal(await audit.expire(start + 4, 3), 0);
      assert.deepEqual(await idsOf(harness, {}), [entries[5]!.id, entries[4]!.id]);
    });
  });
}

async function idsOf(
  { audit }: AuthHarness,
  filter: Parameters<AuthHarness['audit']['find']>[0],
  limit = 50,
): Promise<string[]> {
  const { items } = await audit.find(filter, { limit });
  return Array.from(items, ({ id }) => id);
}
