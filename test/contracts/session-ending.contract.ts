import assert from 'node:assert/strict';
import { type SessionRecord, toSummary, UserSweepIndex } from 'nest-gatehouse/session/storage';
import {
  handlesOf,
  newRecord,
  shortRecord,
  stored,
  suite,
  type StorageHarnessFactory,
  type TestRunner,
} from './harness.js';

/** What every `SessionIndex` promises for ending and sweeping sessions. */
export function sessionEndingContract(name: string, factory: StorageHarnessFactory, runner?: TestRunner): void {
  suite(`${name}: SessionIndex, ending`, factory, runner, (scenario) => {
    scenario('ends matching sessions, all but one, so many at a time', async (harness) => {
      const { store, index } = harness;
      const own = [];
      for (let n = 0; n < 7; n++)
        own.push(await stored(harness, { userId: 'ann', username: 'Ann', ip: `10.0.0.${n}` }));
      const other = await stored(harness, { userId: 'bob' });
      const kept = own[3]!;
      const first = await index.end({ userId: 'ann' }, 4, kept.handle);
      assert.equal(first.length, 4);
      const told = own.find(({ handle }) => handle === first[0]!.handle);
      assert.deepEqual({ ...first[0]! }, toSummary(told!));
      const second = await index.end({ userId: 'ann' }, 4, kept.handle);
      assert.equal((await index.end({ userId: 'ann' }, 4, kept.handle)).length, 0);
      assert.deepEqual(handlesOf([...first, ...second]), handlesOf(own.filter((record) => record !== kept)));
      for (const { handle } of [kept, other]) assert.ok(await store.read(handle));
      for (const { handle } of first) assert.equal(await store.read(handle), null);
    });

    scenario('tells of each ended session to one of many callers', async (harness) => {
      const records = [];
      for (let n = 0; n < 40; n++) records.push(await stored(harness, { ip: '10.1.1.1' }));
      const endAll = async () => {
        const ended = [];
        for (let some = await harness.index.end({ ip: '10.1.1.1' }, 3); some.length > 0;) {
          ended.push(...some);
          some = await harness.index.end({ ip: '10.1.1.1' }, 3);
        }
        return ended;
      };
      const ended = (await Promise.all([endAll(), endAll(), endAll(), endAll()])).flat();
      assert.deepEqual(handlesOf(ended), handlesOf(records));
    });

    scenario('sweeps every session that is over once, under parallel callers, and no other', async (harness) => {
      const { store, index, locks } = harness;
      const over: SessionRecord[] = [];
      for (let n = 0; n < 25; n++) {
        const record = shortRecord(harness, 50, { userId: n % 3 ? null : 'ann' });
        await store.insert(record);
        over.push(record);
      }
      for (let n = 0; n < 5; n++) over.push(await stored(harness, { userId: 'bob' }));
      await index.raiseUserEpoch('bob');
      over.push(await stored(harness, { userId: 'bob', userEpoch: 0 }));
      const live = [await stored(harness), await stored(harness, { userId: 'bob', userEpoch: 1 })];
      const lease = await locks.acquire(over[0]!.handle, { wait: 0, lease: 60_000 });
      await harness.elapse(70);

      const sweepAll = async () => {
        const swept = [];
        for (let some = await index.sweep(4); some.length > 0; some = await index.sweep(4)) {
          assert.ok(some.length <= 4);
          swept.push(...some);
        }
        return swept;
      };
      const swept = (await Promise.all([sweepAll(), sweepAll(), sweepAll()])).flat();
      assert.deepEqual(handlesOf(swept), handlesOf(over));
      const told = swept.find(({ handle }) => handle === over[0]!.handle);
      assert.deepEqual({ ...told }, toSummary(over[0]!));
      for (const record of live) assert.ok(await store.read(record.handle));
      assert.equal(
        await locks.acquire(over[0]!.handle, { wait: 0, lease: 60_000 }),
        null,
        'a held lock outlives its session',
      );
      await locks.release(lease!);
    });

    scenario('sweeps a session by the end that it has, not the one that it had', async (harness) => {
      const { store, index } = harness;
      const longer = shortRecord(harness, 50);
      const shorter = newRecord(harness);
      await store.insert(longer);
      await store.insert(shorter);
      const [late, soon] = [harness.now() + 60_000, harness.now() + 50];
      await store.update(longer.handle, { fields: { idleExpiresAt: late, expiresAt: late } });
      await store.update(shorter.handle, { fields: { idleExpiresAt: soon, expiresAt: soon } });
      await harness.elapse(70);
      assert.deepEqual(handlesOf(await index.sweep(10)), [shorter.handle]);
      assert.equal((await index.sweep(10)).length, 0);
      assert.ok(await store.read(longer.handle));
    });

    scenario('sweeps what a user’s epoch has ended, each once, and nothing else', async (harness) => {
      const { store, index } = harness;
      // Who is only a `SessionIndex` leaves this to `sweep`.
      if (!(index instanceof UserSweepIndex)) return;
      assert.equal((await index.sweepUser('ann', 10)).length, 0);
      const over: SessionRecord[] = [];
      for (let n = 0; n < 25; n++) over.push(await stored(harness, { userId: 'ann' }));
      const others = [await stored(harness, { userId: 'bob' }), await stored(harness)];
      const expired = shortRecord(harness, 50, { userId: 'bob' });
      await store.insert(expired);
      await harness.elapse(70);
      await index.raiseUserEpoch('ann', 3);
      await index.raiseUserEpoch('eve');
      over.push(await stored(harness, { userId: 'ann', userEpoch: 2 }));
      const live = await stored(harness, { userId: 'ann', userEpoch: 3 });

      const sweepAll = async () => {
        const swept = [];
        for (let some = await index.sweepUser('ann', 4); some.length > 0; some = await index.sweepUser('ann', 4)) {
          assert.ok(some.length <= 4);
          swept.push(...some);
        }
        return swept;
      };
      const swept = (await Promise.all([sweepAll(), sweepAll(), sweepAll()])).flat();
      assert.deepEqual(handlesOf(swept), handlesOf(over));
      const told = swept.find(({ handle }) => handle === over[0]!.handle);
      assert.deepEqual({ ...told }, toSummary(over[0]!));
      for (const record of [...others, live]) assert.ok(await store.read(record.handle));
      assert.deepEqual(handlesOf(await index.sweep(100)), [expired.handle]);
    });

    scenario('remembers why an epoch was raised, for whoever removes the sessions', async (harness) => {
      const { store, index } = harness;
      const users = ['ann', 'bob', 'eve', 'joe'];
      for (const userId of users) await stored(harness, { userId });
      await store.insert(shortRecord(harness, 50, { userId: 'kim' }));
      await harness.elapse(70);
      await index.raiseUserEpoch('ann', undefined, 'disabled');
      await index.raiseUserEpoch('bob', 7, 'password_changed');
      await index.raiseUserEpoch('eve');
      await index.raiseUserEpoch('joe', undefined, 'deleted');
      const told = new Map<string | null, unknown>();
      if (index instanceof UserSweepIndex)
        for (const ended of await index.sweepUser('ann', 10)) told.set(ended.userId, ended.revokedBecause);
      for (let some = await index.sweep(10); some.length > 0; some = await index.sweep(10))
        for (const { userId, revokedBecause } of some) told.set(userId, revokedBecause);
      assert.deepEqual([...told].sort(), [
        ['ann', 'disabled'],
        ['bob', 'password_changed'],
        ['eve', undefined],
        ['joe', 'deleted'],
        ['kim', undefined],
      ]);
    });

    scenario('ends those of some sessions that match, each for one of many callers', async (harness) => {
      const { store, index } = harness;
      if (!(index instanceof UserSweepIndex)) return;
      const ann: SessionRecord[] = [];
      for (let n = 0; n < 12; n++) ann.push(await stored(harness, { userId: 'ann', ip: n % 2 ? '10.0.0.1' : null }));
      const bob = await stored(harness, { userId: 'bob' });
      const asked = [...ann.slice(0, 8), bob].map(({ handle }) => handle);
      const filter = { userId: 'ann', ip: '10.0.0.1' };
      const answers = await Promise.all([1, 2, 3].map(() => index.endAmong([...asked, 'x'.repeat(22)], filter)));
      const expected = ann.slice(0, 8).filter(({ ip }) => ip !== null);
      assert.deepEqual(handlesOf(answers.flat()), handlesOf(expected));
      for (const { handle } of expected) assert.equal(await store.read(handle), null);
      for (const record of [bob, ...ann.filter((each) => !expected.includes(each))])
        assert.ok(await store.read(record.handle));
      assert.equal((await index.endAmong([], {})).length, 0);
    });

    scenario('forgets a user of whom no session is left, and nobody else', async (harness) => {
      const { store, index } = harness;
      if (!(index instanceof UserSweepIndex)) return;
      await stored(harness, { userId: 'ann' });
      const other = await stored(harness, { userId: 'bob', userEpoch: 2 });
      await index.raiseUserEpoch('bob', 2);
      await index.raiseUserEpoch('ann', 3);
      assert.equal(await index.forgetUser('ann'), false);
      assert.equal(await index.userEpoch('ann'), 3);
      assert.equal((await index.sweepUser('ann', 10)).length, 1);
      assert.equal(await index.forgetUser('ann'), true);
      assert.equal(await index.userEpoch('ann'), 0);
      assert.equal(await index.forgetUser('nobody'), true);
      assert.equal(await index.forgetUser('bob'), false);
      assert.equal(await index.userEpoch('bob'), 2);
      assert.ok(await store.read(other.handle));
    });

    scenario('raises epochs and never lowers them', async ({ index }) => {
      assert.equal(await index.userEpoch('ann'), 0);
      assert.equal(await index.raiseUserEpoch('ann'), 1);
      assert.equal(await index.raiseUserEpoch('ann', 7), 7);
      assert.equal(await index.raiseUserEpoch('ann', 3), 7);
      assert.equal(await index.raiseUserEpoch('ann'), 8);
      assert.equal(await index.raiseUserEpoch('bob', 0), 0);
      assert.equal(await index.userEpoch('ann'), 8);
      const raised = await Promise.all(Array.from({ length: 10 }, async () => index.raiseUserEpoch('eve')));
      assert.deepEqual(
        [...raised].sort((a, b) => a - b),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      );
    });
  });
}
