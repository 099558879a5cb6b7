import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { StoreUnavailableError, SystemClock } from 'nest-gatehouse/common';
import { MongodReplicaSet } from '../support/mongod/mongod-replica-set.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { until } from '../support/latch.js';
import type { Mongod } from '../support/mongod/mongod.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';
import { aRecord } from '../support/records/sessions.js';

describeWithMongod('A primary whose last writes are rolled back', () => {
  const clock = new SystemClock();
  let set: MongodReplicaSet;
  let storage: MongoStorage;

  beforeAll(async () => {
    set = await MongodReplicaSet.start();
    // Saves are acknowledged by the primary alone, which is what may be rolled back.
    storage = await openMongoStorage(clock, { uri: set.uri, connect: { writeConcern: { w: 1 } } });
  }, 90_000);

  afterAll(async () => {
    await storage?.close();
    await set?.stop();
  }, 60_000);

  async function signedIn(userId: string) {
    const record = aRecord(clock, { userId, userEpoch: 0 });
    await storage.store.insert(record);
    return record.handle;
  }

  const count = (handle: string) => storage.store.update(handle, { data: { increment: new Map([['n', 1]]) } });
  const read = (handle: string) => storage.store.read(handle);

  /** Elections and roll-backs take longer than `until` waits. */
  async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await until(what, condition);
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
  }

  it('takes back nothing that was acknowledged of a sign-in, an end or a revocation', async () => {
    const counted = await signedIn('ann');
    const [ended, revoked, cutOff] = [await signedIn('ben'), await signedIn('cid'), await signedIn('dan')];
    expect(await storage.store.delete(ended)).toBe(true);
    await storage.index.raiseUserEpoch('cid');

    const primary = await set.primary();
    const others = set.members.filter((member) => member !== primary);
    await Promise.all(others.map((member) => member.kill()));
    expect(await count(counted)).toMatchObject({ status: 'updated' });
    // Done by the primary, and not acknowledged, because nobody else has seen it.
    await expect(storage.index.raiseUserEpoch('dan')).rejects.toThrow(StoreUnavailableError);
    await expect(signedIn('eve')).rejects.toThrow(StoreUnavailableError);

    primary.signal('SIGSTOP');
    await Promise.all(others.map((member) => member.restart()));
    expect(await set.primary()).not.toBe(primary);
    primary.signal('SIGCONT');
    await eventually('the old primary has rolled back', () => hasRolledBack(primary));

    await eventually('the store answers', async () => (await read(counted).catch(() => null)) !== null);
    expect((await read(counted))?.data).toBe('{}');
    expect([await read(ended), await read(revoked)]).toEqual([null, null]);
    expect(await read(cutOff)).not.toBeNull();
    expect(await storage.index.count({ userId: 'eve' })).toBe(0);

    await storage.index.raiseUserEpoch('dan');
    expect(await read(cutOff)).toBeNull();
    expect(await count(cutOff)).toEqual({ status: 'gone' });
  }, 150_000);
});

/** MongoDB keeps what it takes back in files beside the data. */
function hasRolledBack(member: Mongod): Promise<boolean> {
  return access(join(member.dbPath, 'rollback')).then(
    () => true,
    () => false,
  );
}
