import type { FactoryProvider } from '@nestjs/common';
import { requireStorage, StoreCalls } from 'nest-gatehouse/common';
import { SessionEvents } from 'nest-gatehouse/session';
import type { ResolvedHitsOptions } from './hits.options.js';
import { HITS_OPTIONS } from './hits.tokens.js';
import { MemoryHitStore } from './memory/memory-hit.store.js';
import { HitStorage } from './storage/hit-storage.js';
import { HitStore } from './storage/hit-store.js';

/** What the application's storage module provides, else memory. */
export const HIT_STORAGE_PROVIDER: FactoryProvider<HitStorage> = {
  provide: HitStorage,
  inject: [HITS_OPTIONS, { token: HitStore, optional: true }, SessionEvents],
  useFactory: ({ storeDeadline }: ResolvedHitsOptions, store: HitStore | undefined, events: SessionEvents) => {
    const contracts = store ? [] : ['HitStore'];
    const inMemory = 'MemoryHitStorageModule.forRoot()';
    requireStorage({ module: 'HitsModule', contracts, inMemory, kept: 'hits' });
    const failed = (operation: string, error: Error) => events.emit('session.store_failed', { operation, error });
    return new HitStorage(store ?? new MemoryHitStore(), new StoreCalls(storeDeadline, failed, 'The store of hits'));
  },
};
