import type { FactoryProvider } from '@nestjs/common';
import { Clock, requireStorage, StoreCalls, StoreMonitor } from 'nest-gatehouse/common';
import { SessionEvents } from 'nest-gatehouse/session';
import { AuditLog } from './storage/audit-log.js';
import type { ResolvedAuthOptions } from './auth.options.js';
import { AUTH_OPTIONS } from './auth.tokens.js';
import { AuthStorage } from './storage/auth-storage.js';
import { LoginAttempts } from './storage/login-attempts.js';
import { MemoryAuditLog } from './memory/memory-audit.log.js';
import { MemoryLoginAttempts } from './memory/memory-login-attempts.js';
import { MemoryPendingEnds } from './memory/memory-pending-ends.js';
import { MemoryUserStore } from './memory/memory-user.store.js';
import { PendingEnds } from './storage/pending-ends.js';
import { UserStore } from './storage/user-store.js';

/** What the application's storage module, or another module of the application, provides; memory for the rest. */
export const AUTH_STORAGE_PROVIDER: FactoryProvider<AuthStorage> = {
  provide: AuthStorage,
  inject: [
    AUTH_OPTIONS,
    { token: UserStore, optional: true },
    { token: LoginAttempts, optional: true },
    { token: AuditLog, optional: true },
    Clock,
    SessionEvents,
    { token: PendingEnds, optional: true },
    StoreMonitor,
  ],
  useFactory: (
    options: ResolvedAuthOptions,
    users: UserStore | undefined,
    attempts: LoginAttempts | undefined,
    audit: AuditLog | undefined,
    clock: Clock,
    events: SessionEvents,
    ends: PendingEnds | undefined,
    monitor: StoreMonitor,
  ) => {
    const contracts = Object.entries({ UserStore: users, LoginAttempts: attempts, AuditLog: audit })
      .filter(([, provided]) => !provided)
      .map(([name]) => name);
    requireStorage({ module: 'AuthModule', contracts, inMemory: 'MemoryAuthStorageModule', kept: 'accounts' });
    return new AuthStorage(
      users ?? new MemoryUserStore(),
      attempts ?? new MemoryLoginAttempts(clock),
      audit ?? new MemoryAuditLog(),
      ends ?? new MemoryPendingEnds(),
      new StoreCalls(
        options.storeDeadline,
        (operation, error) => events.emit('session.store_failed', { operation, error }),
        undefined,
        monitor,
      ),
    );
  },
};
