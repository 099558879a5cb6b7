import { afterAll, it } from '@jest/globals';
import { apiKeyStoreContract, idempotencyStoreContract, type SessmanHarnessFactory } from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoSessman, type MongoSessman } from './support/mongo-sessman.js';

const clock = new FakeClock();
let opened: Promise<MongoSessman> | undefined;

/** Making a database for each scenario would take longer than all of them. */
const mongoose: SessmanHarnessFactory = {
  async open() {
    const { keys, idempotency, connection } = await (opened ??= openMongoSessman());
    const empty = async () => {
      for (const collection of await connection.db!.collections()) await collection.deleteMany({});
    };
    return { keys, idempotency, now: () => clock.now(), close: empty };
  },
};

afterAll(async () => (await opened)?.discard());

const runner = { describe: describeWithMongod, it };

apiKeyStoreContract('MongoDB', mongoose, runner);
idempotencyStoreContract('MongoDB', mongoose, runner);
