import { MongooseHitStore, type MongooseDatabase } from 'nest-gatehouse/mongoose';
import { FakeClock } from '../../support/apps/fake-clock.js';
import { openMongoStorage, type MongoStorage, type MongoStorageOptions } from './mongo-storage.js';

export interface MongoHits extends MongoStorage {
  readonly hits: MongooseHitStore;
  /** As another process has it: with nothing remembered. */
  newStore(database: MongooseDatabase): MongooseHitStore;
}

/** One instance of an application on its own connection, with its indexes. */
export async function openMongoHits(options: MongoStorageOptions = {}): Promise<MongoHits> {
  const storage = await openMongoStorage(new FakeClock(), options);
  const newStore = (database: MongooseDatabase) => new MongooseHitStore(database);
  const hits = newStore(storage.database);
  await hits.prepare();
  storage.commands.clear();
  return { ...storage, hits, newStore };
}
