import type { FactoryProvider } from '@nestjs/common';
import { requireStorage, StoreCalls, StoreMonitor } from 'nest-gatehouse/common';
import { SessionEvents } from 'nest-gatehouse/session';
import { MemoryApiKeyStore } from './memory/memory-api-key.store.js';
import { MemoryIdempotencyStore } from './memory/memory-idempotency.store.js';
import { ApiKeyStore } from './storage/api-key-store.js';
import { IdempotencyStore } from './storage/idempotency-store.js';
import { SessmanStorage } from './storage/sessman-storage.js';

/**
 * What the application's storage module provides; memory for the rest.
 * @param storeDeadline milliseconds that one operation may take
 */
export function sessmanStorageProvider(storeDeadline: number): FactoryProvider<SessmanStorage> {
  return {
    provide: SessmanStorage,
    inject: [
      { token: ApiKeyStore, optional: true },
      { token: IdempotencyStore, optional: true },
      SessionEvents,
      StoreMonitor,
    ],
    useFactory: (
      keys: ApiKeyStore | undefined,
      idempotency: IdempotencyStore | undefined,
      events: SessionEvents,
      monitor: StoreMonitor,
    ): SessmanStorage => {
      const contracts = Object.entries({ ApiKeyStore: keys, IdempotencyStore: idempotency })
        .filter(([, provided]) => !provided)
        .map(([name]) => name);
      const inMemory = 'MemorySessmanStorageModule.forRoot()';
      requireStorage({ module: 'ApiKeysModule', contracts, inMemory, kept: 'API keys' });
      return new SessmanStorage(
        keys ?? new MemoryApiKeyStore(),
        idempotency ?? new MemoryIdempotencyStore(),
        new StoreCalls(
          storeDeadline,
          (operation, error) => events.emit('session.store_failed', { operation, error }),
          undefined,
          monitor,
        ),
      );
    },
  };
}
