import { afterAll, it } from '@jest/globals';
import { hitStoreContract, type HitHarnessFactory } from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoHits, type MongoHits } from './support/mongo-hits.js';

const clock = new FakeClock();
let opened: Promise<MongoHits> | undefined;

/** Making a database for each scenario would take longer than all of them. */
const mongoose: HitHarnessFactory = {
  async open() {
    const { database, connection, newStore } = await (opened ??= openMongoHits());
    const empty = async () => {
      for (const collection of await connection.db!.collections()) await collection.deleteMany({});
    };
    return { hits: newStore(database), now: () => clock.now(), expires: false, close: empty };
  },
};

afterAll(async () => (await opened)?.discard());

hitStoreContract('MongoDB', mongoose, { describe: describeWithMongod, it });
