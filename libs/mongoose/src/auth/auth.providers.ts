import type { Abstract, FactoryProvider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { AuditLog, AuthStorage, LoginAttempts, PendingEnds, UserStore } from 'nest-gatehouse/auth/storage';
import { Clock } from 'nest-gatehouse/common';
import { MongooseAuditLog } from './mongoose-audit.log.js';
import { MongooseDatabase } from '../database/mongoose-database.js';
import { MongooseLoginAttempts } from './mongoose-login-attempts.js';
import { MongoosePendingEnds } from './mongoose-pending-ends.js';
import { MongooseUserStore } from './mongoose-user.store.js';

/**
 * For `AuthModule`. An application without it, or with its own implementation of a contract, gets no collection that it
 * does not use.
 */
export const AUTH_PROVIDERS: readonly FactoryProvider[] = [
  {
    provide: UserStore,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseUserStore(database), UserStore, modules),
  },
  {
    provide: LoginAttempts,
    inject: [MongooseDatabase, ModulesContainer, { token: Clock, optional: true }],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer, clock?: Clock) =>
      preparedIfUsed(new MongooseLoginAttempts(database, clock), LoginAttempts, modules),
  },
  {
    provide: AuditLog,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongooseAuditLog(database), AuditLog, modules),
  },
  {
    provide: PendingEnds,
    inject: [MongooseDatabase, ModulesContainer],
    useFactory: (database: MongooseDatabase, modules: ModulesContainer) =>
      preparedIfUsed(new MongoosePendingEnds(database), PendingEnds, modules),
  },
];

/**
 * Prepares the store at start if it is known to be used, so that the application starts only with its indexes.
 * Otherwise it prepares itself at its first use.
 */
async function preparedIfUsed<T extends { prepare(): Promise<void> }>(
  store: T,
  contract: Abstract<unknown>,
  modules: ModulesContainer,
): Promise<T> {
  const all = [...modules.values()];
  const hasAuth = all.some(({ providers }) => providers.has(AuthStorage));
  const isAlone = all.filter(({ providers }) => providers.has(contract)).length === 1;
  if (hasAuth && isAlone) await store.prepare();
  return store;
}
