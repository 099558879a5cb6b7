import type { FactoryProvider } from '@nestjs/common';
import { ApiKeyStore, IdempotencyStore } from 'nest-gatehouse/sessman/storage';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { SqliteApiKeyStore } from './sqlite-api-key.store.js';
import { SqliteIdempotencyStore } from './sqlite-idempotency.store.js';

/** For `ApiKeysModule`, if the application imports it; otherwise unused. */
export const SESSMAN_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: ApiKeyStore,
    inject: [SqliteDatabase],
    useFactory: (database: SqliteDatabase) => new SqliteApiKeyStore(database),
  },
  {
    provide: IdempotencyStore,
    inject: [SqliteDatabase],
    useFactory: (database: SqliteDatabase) => new SqliteIdempotencyStore(database),
  },
];
