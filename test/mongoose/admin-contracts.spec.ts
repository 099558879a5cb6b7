import { afterAll, it } from '@jest/globals';
import { MongooseAdminJobs } from 'nest-gatehouse/mongoose';
import { adminJobsContract } from 'nest-gatehouse/testing';
import { FakeClock } from '../support/apps/fake-clock.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { openMongoStorage, type MongoStorage } from './support/mongo-storage.js';

let opened: Promise<MongoStorage> | undefined;

afterAll(async () => (await opened)?.discard());

adminJobsContract(
  'MongoDB',
  {
    async open() {
      const { database, connection } = await (opened ??= openMongoStorage(new FakeClock()));
      const jobs = new MongooseAdminJobs(database);
      await jobs.prepare();
      const empty = async () => {
        for (const collection of await connection.db!.collections()) await collection.deleteMany({});
      };
      return { jobs, close: empty };
    },
  },
  { describe: describeWithMongod, it },
);
