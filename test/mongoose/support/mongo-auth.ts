import type { Clock } from 'nest-gatehouse/common';
import {
  MongooseAuditLog,
  MongooseLoginAttempts,
  MongoosePendingEnds,
  MongooseUserStore,
} from 'nest-gatehouse/mongoose';
import { openMongoStorage, type MongoStorage, type MongoStorageOptions } from './mongo-storage.js';

export interface MongoAuth extends MongoStorage {
  readonly users: MongooseUserStore;
  readonly attempts: MongooseLoginAttempts;
  readonly audit: MongooseAuditLog;
  readonly ends: MongoosePendingEnds;
}

/** One instance of an application on its own connection, with its indexes. */
export async function openMongoAuth(clock: Clock, options: MongoStorageOptions = {}): Promise<MongoAuth> {
  const storage = await openMongoStorage(clock, options);
  const users = new MongooseUserStore(storage.database);
  const attempts = new MongooseLoginAttempts(storage.database, clock);
  const audit = new MongooseAuditLog(storage.database);
  const ends = new MongoosePendingEnds(storage.database);
  await Promise.all([users.prepare(), attempts.prepare(), audit.prepare(), ends.prepare()]);
  storage.commands.clear();
  return { ...storage, users, attempts, audit, ends };
}
