import { MongooseAuditLog, MongooseLoginAttempts, MongooseUserStore } from 'nest-gatehouse/mongoose';
import type { Clock } from 'nest-gatehouse/session';
import { openMongoStorage, type MongoStorage, type MongoStorageOptions } from './mongo-storage.js';

export interface MongoAuth extends MongoStorage {
  readonly users: MongooseUserStore;
  readonly attempts: MongooseLoginAttempts;
  readonly audit: MongooseAuditLog;
}

/** One instance of an application on its own connection, with its indexes. */
export async function openMongoAuth(clock: Clock, options: MongoStorageOptions = {}): Promise<MongoAuth> {
  const storage = await openMongoStorage(clock, options);
  const users = new MongooseUserStore(storage.database);
  const attempts = new MongooseLoginAttempts(storage.database, clock);
  const audit = new MongooseAuditLog(storage.database);
  await Promise.all([users.prepare(), attempts.prepare(), audit.prepare()]);
  storage.commands.clear();
  return { ...storage, users, attempts, audit };
}
