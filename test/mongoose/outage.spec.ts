import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { StoreUnavailableError } from 'nest-gatehouse/common';
import { FakeClock } from '../support/apps/fake-clock.js';
import { until } from '../support/latch.js';
import { Mongod } from '../support/mongod/mongod.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aHash, aRecord } from '../support/records/sessions.js';

const DEADLINE = 1_000;

describeWithMongod('A MongoDB that goes away', () => {
  const clock = new FakeClock();
  let mongod: Mongod;
  let storage: MongoStorage;

  beforeAll(async () => {
    mongod = await Mongod.start();
    storage = await openMongoStorage(clock, { uri: mongod.uri, operationDeadline: DEADLINE });
  });

  afterAll(async () => {
    await storage?.close();
    await mongod?.stop();
  });

  /** One of every method, each of which must fail. */
  function everything(): (() => unknown)[] {
    const { store, index, locks } = storage;
    const record = aRecord(clock, { userId: 'ann' });
    const { handle } = record;
    const lease = { key: 'key', owner: 'x', fence: 1, expiresAt: 0 };
    return [
      () => store.insert(aRecord(clock)),
      () => store.insert(record),
      () => store.read(handle),
      () => store.update(handle, { data: { increment: new Map([['n', 1]]) } }),
      () => store.update(handle, {}),
      () => store.rotate(handle, { expectedSecretHash: aHash(), secretHash: aHash(), issuedAt: 1, graceUntil: 0 }),
      () => store.delete(handle),
      () => index.find({}, { limit: 10 }),
      () => index.count({}),
      () => index.end({ userId: 'ann' }, 10),
      () => index.sweep(10),
      () => index.userEpoch('ann'),
      () => index.raiseUserEpoch('ann'),
      () => locks.acquire('key', { wait: 0, lease: 1_000 }),
      () => locks.acquire('other', { wait: 10_000, lease: 1_000 }),
      () => locks.extend(lease, 1_000),
      () => locks.release(lease),
    ];
  }

  async function failureOf(work: () => unknown): Promise<unknown> {
    try {
      await work();
      return null;
    } catch (error) {
      return error;
    }
  }

  /** While there is no server: whoever waited for it would wait for ever. */
  async function allFail(): Promise<void> {
    for (const error of await Promise.all(everything().map(failureOf))) {
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect((error as Error).message).not.toMatch(/mongo|127\.0\.0\.1/i);
      expect((error as Error).cause).toBeDefined();
    }
  }

  it('fails every method while it is killed, and works again without a restart of ours', async () => {
    const record = aRecord(clock, { userId: 'ben' });
    await storage.store.insert(record);
    await mongod.kill();
    await allFail();
    await allFail();
    await mongod.restart();
    await until('the store answers', async () => (await storage.store.read(record.handle).catch(() => null)) !== null);
    expect(await storage.store.update(record.handle, { data: { increment: new Map([['n', 1]]) } })).toMatchObject({
      data: '{"n":1}',
    });
  });

  it('fails every method while it is stopped for 20 s, and works again after', async () => {
    const record = aRecord(clock);
    await storage.store.insert(record);
    mongod.signal('SIGSTOP');
    const start = performance.now();
    try {
      while (performance.now() - start < 20_000) await allFail();
    } finally {
      mongod.signal('SIGCONT');
    }
    await until('the store answers', async () => (await storage.store.read(record.handle).catch(() => null)) !== null);
    for (const work of [() => storage.index.count({}), () => storage.store.delete(record.handle)]) {
      expect(await failureOf(work)).toBeNull();
    }
  }, 60_000);

  it('holds nobody back with a lock that may have been taken while nobody knew', async () => {
    mongod.signal('SIGSTOP');
    const attempt = await failureOf(() => storage.locks.acquire('ghost', { wait: 0, lease: 600_000 }));
    mongod.signal('SIGCONT');
    expect(attempt).toBeInstanceOf(StoreUnavailableError);
    const taken = async () => storage.locks.acquire('ghost', { wait: 0, lease: 1_000 });
    await until('the lock is free', async () => (await taken().catch(() => null)) !== null);
  });
});
