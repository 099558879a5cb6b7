import assert from 'node:assert/strict';
import type { SessionLease } from 'nest-gatehouse/session/storage';
import { suite, type StorageHarnessFactory, type TestRunner } from './harness.js';

const LONG = 60_000;

/** What every `SessionLocks` promises. */
export function sessionLocksContract(name: string, factory: StorageHarnessFactory, runner?: TestRunner): void {
  suite(`${name}: SessionLocks`, factory, runner, (scenario) => {
    scenario('gives a lease to one, and to the next once it is let go', async (harness) => {
      const { locks } = harness;
      const before = harness.now();
      const first = await locks.acquire('key', { wait: 0, lease: LONG });
      assert.equal(first?.key, 'key');
      assert.ok(first.expiresAt >= before + LONG);
      assert.equal(await locks.acquire('key', { wait: 0, lease: LONG }), null);
      await locks.release(first);
      const second = await locks.acquire('key', { wait: 0, lease: LONG });
      assert.ok(second && second.fence > first.fence);
      assert.notEqual(second.owner, first.owner);
    });

    scenario('keeps keys apart, whatever characters they have', async ({ locks }) => {
      const keys = ['a', 'A', 'a\u0000', '', '__proto__', '$x', 'a.b', 'é'];
      const leases = await Promise.all(keys.map(async (key) => locks.acquire(key, { wait: 0, lease: LONG })));
      assert.deepEqual(
        leases.map((lease) => lease?.key),
        keys,
      );
    });

    scenario('lets a fence rise with every lease on a key, however the one before ended', async (harness) => {
      const { locks } = harness;
      let last = 0;
      for (let round = 0; round < 6; round++) {
        const lease = await locks.acquire('key', { wait: 0, lease: 40 });
        assert.ok(lease && lease.fence > last);
        last = lease.fence;
        if (round % 2) await locks.release(lease);
        else await harness.elapse(60);
        if (round === 3) await harness.index.sweep(100);
      }
    });

    scenario('waits no longer than told', async ({ locks }) => {
      const lease = await locks.acquire('key', { wait: 0, lease: LONG });
      assert.equal(await locks.acquire('key', { wait: 30, lease: LONG }), null);
      await locks.release(lease!);
      assert.ok(await locks.acquire('key', { wait: 0, lease: LONG }), 'a waiter that gave up holds nothing');
    });

    scenario('tells whoever has to wait, once, and nobody else', async (harness) => {
      const { locks } = harness;
      const told: string[] = [];
      const acquire = async (name: string, wait: number) =>
        locks.acquire('key', { wait, lease: LONG, onWait: () => void told.push(name) });
      const first = await acquire('first', LONG);
      assert.equal(await acquire('asks once', 0), null);
      assert.deepEqual(told, []);
      const waiters = [acquire('second', 20_000), acquire('third', 20_000)];
      // In a store that answers later, the lock must still be held when it is asked.
      while (told.length < 2) await harness.elapse(5);
      await locks.release(first!);
      const second = await waiters[0]!;
      await locks.release(second!);
      await locks.release((await waiters[1]!)!);
      await locks.release((await acquire('fourth', LONG))!);
      assert.deepEqual(told.sort(), ['second', 'third']);
    });

    scenario('serves those who wait in their order', async ({ locks }) => {
      const first = await locks.acquire('key', { wait: 0, lease: LONG });
      const order: number[] = [];
      const fences: number[] = [];
      const waiters = Array.from({ length: 8 }, async (_, n) => {
        const lease = await locks.acquire('key', { wait: 20_000, lease: LONG });
        assert.ok(lease);
        order.push(n);
        fences.push(lease.fence);
        await locks.release(lease);
      });
      const impatient = await locks.acquire('key', { wait: 0, lease: LONG });
      assert.equal(impatient, null);
      await locks.release(first!);
      await Promise.all(waiters);
      assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual(
        fences,
        [...fences].sort((a, b) => a - b),
      );
    });

    scenario('serves the next in line when one before it gives up', async ({ locks }) => {
      const first = await locks.acquire('key', { wait: 0, lease: LONG });
      const impatient = locks.acquire('key', { wait: 20, lease: LONG });
      const patient = locks.acquire('key', { wait: 20_000, lease: LONG });
      assert.equal(await impatient, null);
      await locks.release(first!);
      assert.ok(await patient);
    });

    scenario('ends the lease of a holder that never lets go', async (harness) => {
      const { locks } = harness;
      const dead = await locks.acquire('key', { wait: 0, lease: 200 });
      const waiting = locks.acquire('key', { wait: 20_000, lease: LONG });
      await harness.elapse(250);
      const next = await waiting;
      assert.ok(dead && next && next.fence > dead.fence);
    });

    scenario('takes a late or repeated release without harm to the next holder', async (harness) => {
      const { locks } = harness;
      const late = await locks.acquire('key', { wait: 0, lease: 40 });
      await harness.elapse(60);
      const holder = await locks.acquire('key', { wait: 0, lease: LONG });
      await locks.release(late!);
      await locks.release(late!);
      assert.equal(await locks.acquire('key', { wait: 0, lease: LONG }), null);
      await locks.release(holder!);
      await locks.release(holder!);
      assert.ok(await locks.acquire('key', { wait: 0, lease: LONG }));
    });

    scenario('extends a lease that is still held, and no other', async (harness) => {
      const { locks } = harness;
      const lease = await locks.acquire('key', { wait: 0, lease: 10_000 });
      const longer = await locks.extend(lease!, 30_000);
      assert.ok(longer && longer.expiresAt > lease!.expiresAt);
      assert.deepEqual([longer.key, longer.owner, longer.fence], [lease!.key, lease!.owner, lease!.fence]);
      await locks.release(longer);
      assert.equal(await locks.extend(longer, 30_000), null, 'let go');

      const expired = await locks.acquire('key', { wait: 0, lease: 40 });
      await harness.elapse(60);
      assert.equal(await locks.extend(expired!, 30_000), null, 'expired');
      const other = await locks.acquire('key', { wait: 0, lease: LONG });
      assert.equal(await locks.extend(expired!, 30_000), null, 'held by another');
      assert.ok(other);
    });

    scenario('excludes all but one of many at any time', async ({ locks }) => {
      let inside = 0;
      let most = 0;
      const work = async () => {
        const lease: SessionLease | null = await locks.acquire('key', { wait: 20_000, lease: LONG });
        assert.ok(lease);
        inside++;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        await locks.release(lease);
      };
      await Promise.all(Array.from({ length: 25 }, work));
      assert.equal(most, 1);
    });
  });
}
