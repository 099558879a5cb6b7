import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import { SystemClock } from 'nest-gatehouse/common';
import {
  MongooseDatabase,
  MongooseSessionIndex,
  MongooseSessionLocks,
  MongooseSessionStore,
} from 'nest-gatehouse/mongoose';
import { MemorySessionIndex, MemorySessionLocks, MemorySessions, MemorySessionStore } from 'nest-gatehouse/session';
import { SqliteDatabase, SqliteSessionIndex, SqliteSessionLocks, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import type { StorageHarness } from 'nest-gatehouse/testing';
import type { Servers } from './servers.js';

const clock = new SystemClock();
const time = { now: () => clock.now(), elapse: (milliseconds: number) => pause(milliseconds) };

/** Our stores, by name. */
export const OWN_STORES: Readonly<Record<string, (servers: Servers) => Promise<StorageHarness>>> = {
  memory: async () => {
    const sessions = new MemorySessions({}, clock);
    const store = new MemorySessionStore(sessions);
    const locks = new MemorySessionLocks(clock);
    return { store, index: new MemorySessionIndex(sessions), locks, ...time, close: async () => undefined };
  },
  SQLite: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
    const database = await SqliteDatabase.open({ file: join(directory, 'sessions.db') });
    const close = async () => {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    };
    const store = new SqliteSessionStore(database, clock);
    const locks = new SqliteSessionLocks(database, clock);
    return { store, index: new SqliteSessionIndex(database, clock), locks, ...time, close };
  },
  MongoDB: async ({ mongodbUrl }) => {
    const dbName = `conformance_${randomBytes(6).toString('hex')}`;
    const connection = await mongoose.createConnection(mongodbUrl, { dbName }).asPromise();
    const database = await MongooseDatabase.open(connection, {});
    const store = new MongooseSessionStore(database, clock);
    const locks = new MongooseSessionLocks(database);
    const close = async () => {
      await connection.dropDatabase();
      await connection.close();
    };
    return { store, index: new MongooseSessionIndex(database, clock), locks, ...time, close };
  },
};
