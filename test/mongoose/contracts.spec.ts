import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, it } from '@jest/globals';
import { SystemClock } from 'nest-gatehouse/common';
import {
  type AnonymousHarnessFactory,
  anonymousSessionsContract,
  sessionIndexContract,
  sessionLocksContract,
  sessionStoreContract,
} from 'nest-gatehouse/testing';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';

const clock = new SystemClock();
let opened: Promise<MongoStorage> | undefined;

/** Leases run by the server's clock, so time really passes. Making a database for each scenario would take longer than all of them. */
const mongoose: AnonymousHarnessFactory = {
  async open() {
    const { store, index, anonymous, locks, connection } = await (opened ??= openMongoStorage(clock));
    const empty = async () => {
      for (const collection of await connection.db!.collections()) await collection.deleteMany({});
    };
    return { store, index, anonymous, locks, now: () => clock.now(), elapse: (ms) => pause(ms), close: empty };
  },
};

afterAll(async () => (await opened)?.discard());

const runner = { describe: describeWithMongod, it };

sessionStoreContract('MongoDB', mongoose, runner);
sessionIndexContract('MongoDB', mongoose, runner);
sessionLocksContract('MongoDB', mongoose, runner);
anonymousSessionsContract('MongoDB', mongoose, runner);
