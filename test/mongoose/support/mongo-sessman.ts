import { MongooseApiKeyStore, MongooseIdempotencyStore } from 'nest-gatehouse/mongoose';
import { FakeClock } from '../../support/apps/fake-clock.js';
import { openMongoStorage, type MongoStorage, type MongoStorageOptions } from './mongo-storage.js';

export interface MongoSessman extends MongoStorage {
  readonly keys: MongooseApiKeyStore;
  readonly idempotency: MongooseIdempotencyStore;
}

/** One instance of an application on its own connection, with its indexes. */
export async function openMongoSessman(options: MongoStorageOptions = {}): Promise<MongoSessman> {
  const storage = await openMongoStorage(new FakeClock(), options);
  const keys = new MongooseApiKeyStore(storage.database);
  const idempotency = new MongooseIdempotencyStore(storage.database);
  await Promise.all([keys.prepare(), idempotency.prepare()]);
  storage.commands.clear();
  return { ...storage, keys, idempotency };
}
