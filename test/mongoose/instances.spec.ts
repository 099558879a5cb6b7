import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { FakeClock, HOUR, MINUTE } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { freshDatabaseName, openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aHash, aRecord } from '../support/records/sessions.js';

describeWithMongod('Two instances on one MongoDB', () => {
  const clock = new FakeClock();
  let one: MongoStorage;
  let two: MongoStorage;

  beforeEach(async () => {
    const databaseName = freshDatabaseName();
    one = await openMongoStorage(clock, { databaseName });
    two = await openMongoStorage(clock, { databaseName });
  });

  afterEach(async () => {
    await two?.close();
    await one?.discard();
  });

  it('count every increment and keep every key', async () => {
    const record = aRecord(clock);
    await one.store.insert(record);
    const storages = [one, two];
    await Promise.all(
      Array.from({ length: 400 }, (_, n) =>
        storages[n % 2]!.store.update(record.handle, {
          data: { set: new Map([[`key${n}`, String(n)]]), increment: new Map([['count', 1]]) },
          maxDataBytes: 65_536,
        }),
      ),
    );
    const read = await one.store.read(record.handle);
    const data = JSON.parse(read!.data) as Record<string, number>;
    expect(data['count']).toBe(400);
    expect(Object.keys(data)).toHaveLength(401);
    expect(read!.version).toBe(401);
  });

  it('hold a lock one at a time, with fences that rise', async () => {
    let inside = 0;
    const fences: number[] = [];
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const { locks } = n % 2 ? one : two;
        const lease = await locks.acquire('key', { wait: 20_000, lease: 30_000 });
        expect(++inside).toBe(1);
        fences.push(lease!.fence);
        await new Promise((resolve) => setImmediate(resolve));
        inside--;
        await locks.release(lease!);
      }),
    );
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
    expect(fences).toHaveLength(40);
  });

  it('give a rising fence after the lock itself was forgotten', async () => {
    const lease = await one.locks.acquire('key', { wait: 0, lease: 1_000 });
    await one.locks.release(lease!);
    await one.connection.db!.collection('gatehouse_session_locks').deleteMany({});
    const next = await two.locks.acquire('key', { wait: 0, lease: 1_000 });
    expect(next!.fence).toBeGreaterThan(lease!.fence);
  });

  it('refuse the late save of a holder whose lease has passed on', async () => {
    const record = aRecord(clock);
    await one.store.insert(record);
    const save = (storage: MongoStorage, fence: number) =>
      storage.store.update(record.handle, { data: { set: new Map([['by', String(fence)]]) }, fence });
    expect(await save(two, 2)).toMatchObject({ status: 'updated' });
    expect(await save(one, 1)).toEqual({ status: 'fenced' });
    expect(await save(one, 2)).toMatchObject({ status: 'updated' });
  });

  it('take a lock with one command, whether it is free or not', async () => {
    expect(await one.commands.during(() => one.locks.acquire('key', { wait: 0, lease: 1_000 }))).toEqual([
      'findAndModify',
    ]);
    expect(await two.commands.during(() => two.locks.acquire('key', { wait: 0, lease: 1_000 }))).toEqual([
      'findAndModify',
    ]);
  });

  it('tell of each session that is over once, whoever sweeps', async () => {
    const records = Array.from({ length: 120 }, () => aRecord(clock));
    await Promise.all(records.map((record) => one.store.insert(record)));
    clock.advance(HOUR);
    const told = await Promise.all([one, two, one, two].map(({ index }) => index.sweep(30)));
    expect(told.map(({ length }) => length)).toEqual([30, 30, 30, 30]);
    expect(
      told
        .flat()
        .map(({ handle }) => handle)
        .sort(),
    ).toEqual(records.map(({ handle }) => handle).sort());
    expect(await one.index.sweep(30)).toEqual([]);
  });

  it('see a revocation at once, in every method', async () => {
    const record = aRecord(clock, { userId: 'ann', userEpoch: 0 });
    await one.store.insert(record);
    await two.index.raiseUserEpoch('ann');
    // Even an instance whose clock is behind.
    clock.advance(-10 * MINUTE);
    const { handle } = record;
    expect(await one.store.read(handle)).toBeNull();
    expect(await one.store.update(handle, { data: { set: new Map([['a', '1']]) } })).toEqual({ status: 'gone' });
    expect(await one.store.update(handle, { fields: { userEpoch: 9, expiresAt: clock.now() + HOUR } })).toEqual({
      status: 'gone',
    });
    const rotation = { expectedSecretHash: record.secretHash, secretHash: aHash(), issuedAt: 1, graceUntil: 0 };
    expect(await one.store.rotate(handle, rotation)).toBe('gone');
    expect(await one.store.delete(handle)).toBe(false);
    expect(await one.index.count({ userId: 'ann' })).toBe(0);
    clock.advance(10 * MINUTE);
    expect(await one.index.sweep(10)).toHaveLength(1);
  });

  it('leave no session of a user alive that is made while the user is revoked', async () => {
    for (let round = 0; round < 40; round++) {
      const userId = `user${round}`;
      const record = aRecord(clock, { userId, userEpoch: 0 });
      const moving = aRecord(clock);
      await one.store.insert(moving);
      await Promise.all([
        one.store.insert(record),
        two.index.raiseUserEpoch(userId),
        one.store.update(moving.handle, { fields: { userId, userEpoch: 0 } }),
      ]);
      expect(await one.store.read(record.handle)).toBeNull();
      expect(await one.store.read(moving.handle)).toBeNull();
    }
  });

  it('finish a revocation whose instance died over it', async () => {
    const record = aRecord(clock, { userId: 'ann', userEpoch: 1 });
    await one.store.insert(record);
    const epochs = one.connection.db!.collection<{ _id: string }>('gatehouse_user_epochs');
    await epochs.insertOne({ _id: 'ann', ...{ epoch: 2, unfinished: true } });
    expect(await two.index.sweep(10)).toMatchObject([{ handle: record.handle }]);
    expect(await one.store.read(record.handle)).toBeNull();
    expect(await epochs.countDocuments({ unfinished: true })).toBe(0);
  });

  it('never revive a session that has ended', async () => {
    for (let round = 0; round < 50; round++) {
      const record = aRecord(clock);
      await one.store.insert(record);
      const save = () =>
        one.store.update(record.handle, {
          data: { increment: new Map([['n', 1]]) },
          fields: { expiresAt: clock.now() + HOUR },
        });
      await Promise.all([save(), two.store.delete(record.handle), save(), save()]);
      expect(await save()).toEqual({ status: 'gone' });
      expect(await two.store.read(record.handle)).toBeNull();
    }
  });
});
