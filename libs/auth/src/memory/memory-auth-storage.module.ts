import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from 'nest-gatehouse/common';
import { AuditLog } from '../storage/audit-log.js';
import { LoginAttempts } from '../storage/login-attempts.js';
import { PendingEnds } from '../storage/pending-ends.js';
import { UserStore } from '../storage/user-store.js';
import { MemoryAuditLog } from './memory-audit.log.js';
import { MemoryLoginAttempts } from './memory-login-attempts.js';
import { MemoryPendingEnds } from './memory-pending-ends.js';
import { MemoryUserStore } from './memory-user.store.js';

/**
 * Accounts, counters and the audit trail in memory for the whole application: for development, tests, and a single
 * process whose accounts may be lost.
 */
@Global()
@Module({
  providers: [
    { provide: UserStore, useFactory: () => new MemoryUserStore() },
    {
      provide: LoginAttempts,
      inject: [{ token: Clock, optional: true }],
      useFactory: (clock: Clock = new SystemClock()) => new MemoryLoginAttempts(clock),
    },
    { provide: AuditLog, useFactory: () => new MemoryAuditLog() },
    { provide: PendingEnds, useFactory: () => new MemoryPendingEnds() },
  ],
  exports: [UserStore, LoginAttempts, AuditLog, PendingEnds],
})
export class MemoryAuthStorageModule {}
