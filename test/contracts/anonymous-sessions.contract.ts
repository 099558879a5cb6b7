import assert from 'node:assert/strict';
import {
  anonymousBytes,
  type AnonymousSessions,
  type AnonymousUsage,
  type EndedSession,
  SESSION_OVERHEAD,
  type SessionRecord,
  toSummary,
} from 'nest-gatehouse/session/storage';
import {
  handlesInOrder,
  handlesOf,
  shortRecord,
  stored,
  suite,
  type StorageHarness,
  type StorageHarnessFactory,
  type TestRunner,
} from './harness.js';

/** A storage that also bounds its anonymous sessions. */
export interface AnonymousHarness extends StorageHarness {
  readonly anonymous: AnonymousSessions;
}

export type AnonymousHarnessFactory = StorageHarnessFactory<AnonymousHarness>;

const UNBOUNDED: AnonymousUsage = { sessions: Infinity, bytes: Infinity };
const BATCH = 1_000;

/** What every `AnonymousSessions` promises. */
export function anonymousSessionsContract(name: string, factory: AnonymousHarnessFactory, runner?: TestRunner): void {
  suite(`${name}: AnonymousSessions`, factory, runner, (scenario) => {
    scenario('ends the anonymous sessions used longest ago, until the bound of their number holds', async (harness) => {
      const visitors = await visitorsOf(harness, 8);
      const ended = await evicted(harness, { ...UNBOUNDED, sessions: 5 });
      assert.deepEqual(handlesOf(ended), handlesOf(visitors.slice(0, 3)));
      assert.deepEqual(await alive(harness), handlesOf(visitors.slice(3)));
      assert.deepEqual(await evicted(harness, { ...UNBOUNDED, sessions: 5 }), []);
    });

    scenario('until the bound of their bytes holds, large ones and small ones', async (harness) => {
      const sizes = [10_000, 0, 20_000, 100, 30_000, 0];
      const visitors: SessionRecord[] = [];
      for (const [age, size] of sizes.entries()) visitors.push(await visitor(harness, age, size));
      const bytesOf = (from: number) =>
        visitors.slice(from).reduce((bytes, { data }) => bytes + anonymousBytes(data), 0);
      for (const from of [1, 3, 4, 5]) {
        await evicted(harness, { ...UNBOUNDED, bytes: bytesOf(from) });
        assert.deepEqual(await alive(harness), handlesOf(visitors.slice(from)), `from ${from}`);
      }
    });

    scenario('counts the bytes of UTF-8, not characters', async (harness) => {
      const wide = await visitor(harness, 0, 0, JSON.stringify({ text: '€'.repeat(5_000) }));
      await visitor(harness, 1, 0);
      assert.deepEqual(await evicted(harness, { ...UNBOUNDED, bytes: 15_000 + 4 * SESSION_OVERHEAD }), []);
      const ended = await evicted(harness, { ...UNBOUNDED, bytes: 15_000 + SESSION_OVERHEAD });
      assert.deepEqual(handlesOf(ended), [wide.handle]);
    });

    scenario('never ends a signed-in session, however old, however many and however large', async (harness) => {
      const users: SessionRecord[] = [];
      for (let n = 0; n < 5; n++) {
        users.push(
          await stored(harness, { userId: `user ${n}`, lastSeenAt: harness.now() - 60_000, data: text(20_000) }),
        );
      }
      const visitors = await visitorsOf(harness, 3);
      const ended = await evicted(harness, { sessions: 1, bytes: 1 });
      assert.deepEqual(handlesOf(ended), handlesOf(visitors.slice(0, 2)));
      for (const { handle } of users) assert.notEqual(await harness.store.read(handle), null);
    });

    scenario('leaves the last one, so that a bound below one session does not end each', async (harness) => {
      const one = await visitor(harness, 0, 50_000);
      assert.deepEqual(await evicted(harness, { sessions: 0, bytes: 0 }), []);
      const two = await visitor(harness, 1, 50_000);
      assert.deepEqual(handlesOf(await evicted(harness, { sessions: 0, bytes: 0 })), [one.handle]);
      assert.deepEqual(await alive(harness), [two.handle]);
    });

    scenario('sees what sessions grow and shrink by, whichever way they are saved', async (harness) => {
      const [first, second] = [await visitor(harness, 0, 0), await visitor(harness, 1, 0)];
      const bound = { ...UNBOUNDED, bytes: 40_000 };
      await put(harness, second.handle, 'a', 30_000, { version: 1, data: withText('a', 30_000) });
      assert.deepEqual(await evicted(harness, bound), []);
      await put(harness, second.handle, 'a', 10);
      await put(harness, second.handle, 'b', 30_000);
      assert.deepEqual(await evicted(harness, bound), []);
      await put(harness, second.handle, 'c', 10_000);
      assert.deepEqual(handlesOf(await evicted(harness, bound)), [first.handle]);
    });

    scenario('sees what grows in many small steps', async (harness) => {
      const [first, second] = [await visitor(harness, 0, 0), await visitor(harness, 1, 0)];
      for (let n = 0; n < 150; n++) await put(harness, second.handle, `key ${n}`, 100);
      assert.deepEqual(handlesOf(await evicted(harness, { ...UNBOUNDED, bytes: 16_000 })), [first.handle]);
    });

    scenario('does not count what was ended or swept, or belongs to a user by now', async (harness) => {
      const visitors = await visitorsOf(harness, 6, 10_000);
      await harness.store.delete(visitors[0]!.handle);
      await harness.index.end({ userId: null }, 1);
      await stored(harness, shortRecord(harness, 10, { data: text(10_000) }));
      await harness.elapse(20);
      while ((await harness.index.sweep(10)).length > 0);
      const left = await alive(harness);
      assert.equal(left.length, 4);
      await harness.store.update(left[0]!, { fields: { userId: 'ann' } });
      const three = 3 * anonymousBytes(text(10_000));
      assert.deepEqual(await evicted(harness, { sessions: 3, bytes: three }), []);
      assert.equal((await evicted(harness, { ...UNBOUNDED, sessions: 2 })).length, 1);
      assert.notEqual(await harness.store.read(left[0]!), null);
    });

    scenario('counts a session that is no longer a user’s', async (harness) => {
      const user = await stored(harness, { userId: 'ann', data: text(10_000), lastSeenAt: harness.now() - 1_000 });
      const other = await visitor(harness, 0, 0);
      assert.deepEqual(await evicted(harness, { ...UNBOUNDED, bytes: 5_000 }), []);
      await harness.store.update(user.handle, { fields: { userId: null, lastSeenAt: harness.now() } });
      assert.deepEqual(handlesOf(await evicted(harness, { ...UNBOUNDED, bytes: 5_000 })), [other.handle]);
      assert.deepEqual(await alive(harness), [user.handle]);
    });

    scenario('counts what is over and not swept, and ends it like others', async (harness) => {
      const over = await stored(harness, shortRecord(harness, 10, { lastSeenAt: harness.now() - 10_000 }));
      await visitorsOf(harness, 2);
      await harness.elapse(20);
      const [ended, ...others] = await evicted(harness, { ...UNBOUNDED, sessions: 2 });
      assert.deepEqual({ ...ended }, toSummary(over));
      assert.deepEqual(others, []);
    });

    scenario('ends at most as many at once as it is told, oldest first', async (harness) => {
      const visitors = await visitorsOf(harness, 9);
      for (const from of [0, 2, 4]) {
        const batch = await harness.anonymous.evictOldest({ ...UNBOUNDED, sessions: 3 }, 2);
        assert.deepEqual(handlesOf(batch), handlesOf(visitors.slice(from, from + 2)));
      }
      assert.deepEqual(await alive(harness), handlesOf(visitors.slice(6)));
    });

    scenario('lets a use count: what was used last goes last', async (harness) => {
      const visitors = await visitorsOf(harness, 3);
      const [first] = visitors;
      await harness.store.update(first!.handle, { fields: { lastSeenAt: harness.now() + 1 } });
      assert.deepEqual(handlesOf(await evicted(harness, { ...UNBOUNDED, sessions: 2 })), [visitors[1]!.handle]);
    });

    scenario('ends each once, and none too many, whoever asks at the same time', async (harness) => {
      const visitors = await visitorsOf(harness, 40);
      const results = await Promise.all(
        Array.from({ length: 8 }, () => evicted(harness, { ...UNBOUNDED, sessions: 10 })),
      );
      assert.deepEqual(handlesOf(results.flat()), handlesOf(visitors.slice(0, 30)));
      assert.deepEqual(await alive(harness), handlesOf(visitors.slice(30)));
    });

    scenario('has no bound where there is none', async (harness) => {
      await visitorsOf(harness, 20, 1_000);
      assert.deepEqual(await evicted(harness, UNBOUNDED), []);
    });
  });
}

function text(length: number): string {
  return withText('text', length);
}

function withText(key: string, length: number): string {
  return JSON.stringify({ [key]: 'x'.repeat(length) });
}

/** An anonymous session; the higher `order`, the later it was used. */
async function visitor(
  harness: StorageHarness,
  order: number,
  length: number,
  data = text(length),
): Promise<SessionRecord> {
  return stored(harness, { data, lastSeenAt: harness.now() - 1_000 + order });
}

async function visitorsOf(harness: StorageHarness, count: number, length = 0): Promise<SessionRecord[]> {
  const visitors: SessionRecord[] = [];
  for (let order = 0; order < count; order++) visitors.push(await visitor(harness, order, length));
  return visitors;
}

async function put(
  harness: StorageHarness,
  handle: string,
  key: string,
  length: number,
  whole?: { version: number; data: string },
): Promise<void> {
  const data = { set: new Map([[key, JSON.stringify('x'.repeat(length))]]) };
  assert.equal((await harness.store.update(handle, { data, whole })).status, 'updated');
}

/** All that goes, in as many batches as it takes. */
async function evicted(harness: AnonymousHarness, bounds: AnonymousUsage): Promise<EndedSession[]> {
  const ended: EndedSession[] = [];
  let batch: readonly EndedSession[];
  do {
    batch = await harness.anonymous.evictOldest(bounds, BATCH);
    ended.push(...batch);
  } while (batch.length > 0);
  return ended;
}

/** The anonymous ones. */
async function alive(harness: StorageHarness): Promise<string[]> {
  const { items } = await harness.index.find({ userId: null }, { limit: 200 });
  return handlesInOrder(items).sort();
}
