import type { FactoryProvider } from '@nestjs/common';
import { requireStorage, StoreCalls, StoreMonitor } from 'nest-gatehouse/common';
import { SessionEvents } from 'nest-gatehouse/session';
import type { ResolvedAdminOptions } from './admin.options.js';
import { ADMIN_OPTIONS } from './admin.tokens.js';
import { MemoryAdminJobs } from './memory/memory-admin-jobs.js';
import { AdminJobs } from './storage/admin-jobs.js';
import { AdminStorage } from './storage/admin-storage.js';

/** What the application's storage module provides, else memory. */
export const ADMIN_STORAGE_PROVIDER: FactoryProvider<AdminStorage> = {
  provide: AdminStorage,
  inject: [ADMIN_OPTIONS, SessionEvents, StoreMonitor, { token: AdminJobs, optional: true }],
  useFactory: (
    { storeDeadline }: ResolvedAdminOptions,
    events: SessionEvents,
    monitor: StoreMonitor,
    jobs?: AdminJobs,
  ): AdminStorage => {
    requireStorage({
      module: 'AdminModule',
      contracts: jobs ? [] : ['AdminJobs'],
      inMemory: 'MemoryAdminStorageModule.forRoot()',
      kept: 'jobs of administrators',
    });
    const calls = new StoreCalls(
      storeDeadline,
      (operation, error) => events.emit('session.store_failed', { operation, error }),
      undefined,
      monitor,
    );
    return new AdminStorage(jobs ?? new MemoryAdminJobs(), calls);
  },
};
