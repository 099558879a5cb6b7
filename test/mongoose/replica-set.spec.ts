import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SystemClock } from 'nest-gatehouse/common';
import { MongodReplicaSet } from '../support/mongod/mongod-replica-set.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { Ledger } from './support/ledger.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';

const LONGEST_OUTAGE = 15_000;

describeWithMongod('A replica set that loses its primary', () => {
  const clock = new SystemClock();
  let set: MongodReplicaSet;
  let storage: MongoStorage;

  beforeAll(async () => {
    set = await MongodReplicaSet.start();
    storage = await openMongoStorage(clock, { uri: set.uri });
  }, 90_000);

  afterAll(async () => {
    await storage?.close();
    await set?.stop();
  }, 60_000);

  it.each([
    ['steps down', () => set.stepDown()],
    ['is killed', async () => (await set.primary()).kill()],
  ])(
    'loses nothing acknowledged and revives nothing when the primary %s under load',
    async (_, disaster) => {
      const ledger = new Ledger(storage, clock);
      const load = ledger.run();
      await ledger.grownBy(100);
      await disaster();
      await set.primary();
      await ledger.grownBy(100);
      ledger.stop();
      await load;

      expect(await ledger.faults()).toEqual([]);
      expect(ledger.longestOutage).toBeLessThan(LONGEST_OUTAGE);
      expect(ledger.acknowledged).toBeGreaterThan(200);
    },
    120_000,
  );
});
