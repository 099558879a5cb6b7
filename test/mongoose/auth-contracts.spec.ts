import { afterAll, it } from '@jest/globals';
import {
  auditLogContract,
  type AuthHarnessFactory,
  loginAttemptsContract,
  pendingEndsContract,
  userStoreContract,
} from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoAuth, type MongoAuth } from './support/mongo-auth.js';

const clock = new FakeClock();
let opened: Promise<MongoAuth> | undefined;

/** Making a database for each scenario would take longer than all of them. */
const mongoose: AuthHarnessFactory = {
  async open() {
    const { users, attempts, audit, ends, connection } = await (opened ??= openMongoAuth(clock));
    const empty = async () => {
      for (const collection of await connection.db!.collections()) await collection.deleteMany({});
    };
    const elapse = async (milliseconds: number) => clock.advance(milliseconds);
    return { users, attempts, audit, ends, now: () => clock.now(), elapse, close: empty };
  },
};

afterAll(async () => (await opened)?.discard());

const runner = { describe: describeWithMongod, it };

userStoreContract('MongoDB', mongoose, runner);
loginAttemptsContract('MongoDB', mongoose, runner);
auditLogContract('MongoDB', mongoose, runner);
pendingEndsContract('MongoDB', mongoose, runner);
