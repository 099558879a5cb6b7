import type { FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AuditLog, AuthStorage, LoginAttempts, PendingEnds, UserStore } from 'nest-gatehouse/auth/storage';
import { Clock } from 'nest-gatehouse/common';
import { MongooseAuditLog } from './mongoose-audit.log.js';
import { MongooseDatabase } from '../database/mongoose-database.js';
import { MongooseLoginAttempts } from './mongoose-login-attempts.js';
import { MongoosePendingEnds } from './mongoose-pending-ends.js';
import { MongooseUserStore } from './mongoose-user.store.js';
import { preparedIfUsed } from '../database/prepared-if-used.js';

/**
 * For `AuthModule`. An application without it, or with its own implementation of a contract, gets no collection that it
 * does not use.
 */
export const AUTH_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: UserStore,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseUserStore(database), UserStore, AuthStorage, modules),
  },
  {
    provide: LoginAttempts,
    inject: [MongooseDatabase, ModulesContainer, { token: Clock, optional: true }],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer, clock?: Clock) =>
      preparedIfUsed(new MongooseLoginAttempts(database, clock), LoginAttempts, AuthStorage, modules),
  },
  {
    provide: AuditLog,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseAuditLog(database), AuditLog, AuthStorage, modules),
  },
  {
    provide: PendingEnds,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongoosePendingEnds(database), PendingEnds, AuthStorage, modules),
  },
];
