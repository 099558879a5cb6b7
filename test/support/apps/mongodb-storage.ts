import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { Module, type DynamicModule } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import mongoose, { type Connection } from 'mongoose';
import { MongooseStorageModule } from 'nest-gatehouse/mongoose';
import { describeWithMongod, mongodOfRun } from '../mongod/mongod-run.js';
import type { TestStorage } from './test-storage.js';

let opened: Promise<Connection> | undefined;

/** One database and one pool for the suites of one file: making the indexes for each test would take longer than the tests. */
function database(): Promise<Connection> {
  opened ??= mongodOfRun().then((mongod) => {
    const dbName = `gatehouse_test_${randomBytes(6).toString('hex')}`;
    return mongoose.createConnection(mongod!.uri, { dbName }).asPromise();
  });
  return opened;
}

afterAll(async () => {
  const connection = await opened;
  await connection?.dropDatabase();
  await connection?.close();
});

async function empty(connection: Connection): Promise<void> {
  const collections = await connection.db!.collections();
  await Promise.all(collections.map((collection) => collection.deleteMany({})));
}

/** Stands in for `MongooseModule`, which would make a connection for each application and close it with it. */
@Module({})
class SharedConnectionModule {
  static on(connection: Connection): DynamicModule {
    const token = getConnectionToken();
    return {
      module: SharedConnectionModule,
      global: true,
      providers: [{ provide: token, useValue: connection }],
      exports: [token],
    };
  }
}

export const mongodb: TestStorage = {
  name: 'MongoDB',
  platforms: ['express', 'fastify'],
  isShared: true,
  leasesRunBy: 'server',
  patience: 400,
  describe: describeWithMongod,
  async open() {
    const connection = await database();
    return {
      imports: () => [
        SharedConnectionModule.on(connection),
        MongooseStorageModule.forRoot({ operationDeadline: '30s' }),
      ],
      empty: () => empty(connection),
      close: () => empty(connection),
    };
  },
};
