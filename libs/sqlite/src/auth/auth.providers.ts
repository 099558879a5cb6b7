import type { FactoryProvider } from '@nestjs/common';
import { AuditLog, LoginAttempts, PendingEnds, UserStore } from 'nest-gatehouse/auth/storage';
import { Clock } from 'nest-gatehouse/common';
import { SqliteAuditLog } from './sqlite-audit.log.js';
import { SqliteLoginAttempts } from './sqlite-login-attempts.js';
import { SqlitePendingEnds } from './sqlite-pending-ends.js';
import { SqliteUserStore } from './sqlite-user.store.js';
import { SqliteDatabase } from '../database/sqlite.database.js';

/** For `AuthModule`, if the application imports it; otherwise unused. */
export const AUTH_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: UserStore,
    inject: [SqliteDatabase],
    useFactory: (database: SqliteDatabase) => new SqliteUserStore(database),
  },
  {
    provide: LoginAttempts,
    inject: [SqliteDatabase, { token: Clock, optional: true }],
    useFactory: (database: SqliteDatabase, clock?: Clock) => new SqliteLoginAttempts(database, clock),
  },
  {
    provide: AuditLog,
    inject: [SqliteDatabase],
    useFactory: (database: SqliteDatabase) => new SqliteAuditLog(database),
  },
  {
    provide: PendingEnds,
    inject: [SqliteDatabase],
    useFactory: (database: SqliteDatabase) => new SqlitePendingEnds(database),
  },
];
