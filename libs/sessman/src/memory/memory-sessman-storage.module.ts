import { Module, type DynamicModule } from '@nestjs/common';
import { ApiKeyStore } from '../storage/api-key-store.js';
import { IdempotencyStore } from '../storage/idempotency-store.js';
import { MemoryApiKeyStore } from './memory-api-key.store.js';
import { MemoryIdempotencyStore } from './memory-idempotency.store.js';
import type { MemoryIdempotencyOptions } from './memory.options.js';

/**
 * API keys and idempotency keys in memory for the whole application: for development, tests, and a single process whose
 * keys may be lost.
 */
@Module({})
export class MemorySessmanStorageModule {
  /** @throws OptionsError at start */
  static forRoot(idempotency: MemoryIdempotencyOptions = {}): DynamicModule {
    return {
      module: MemorySessmanStorageModule,
      global: true,
      providers: [
        { provide: ApiKeyStore, useFactory: () => new MemoryApiKeyStore() },
        { provide: IdempotencyStore, useFactory: () => new MemoryIdempotencyStore(idempotency) },
      ],
      exports: [ApiKeyStore, IdempotencyStore],
    };
  }
}
