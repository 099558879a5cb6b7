import type { FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ApiKeyStore, IdempotencyStore, SessmanStorage } from 'nest-gatehouse/sessman/storage';
import { MongooseDatabase } from '../database/mongoose-database.js';
import { preparedIfUsed } from '../database/prepared-if-used.js';
import { MongooseApiKeyStore } from './mongoose-api-key.store.js';
import { MongooseIdempotencyStore } from './mongoose-idempotency.store.js';

/**
 * For `ApiKeysModule`. An application without it, or with its own implementation of a contract, gets no collection that
 * it does not use.
 */
export const SESSMAN_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: ApiKeyStore,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseApiKeyStore(database), ApiKeyStore, SessmanStorage, modules),
  },
  {
    provide: IdempotencyStore,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseIdempotencyStore(database), IdempotencyStore, SessmanStorage, modules),
  },
];
