export { StorageDeploymentError } from './deployment-check.js';
export { StorageIndexError } from './index-check.js';
export { MongooseAnonymousSessions } from './mongoose-anonymous.sessions.js';
export { MongooseAuditLog } from './mongoose-audit.log.js';
export { MongooseDatabase } from './mongoose-database.js';
export { MongooseLoginAttempts } from './mongoose-login-attempts.js';
export { MongoosePendingEnds } from './mongoose-pending-ends.js';
export { MongooseSessionIndex } from './mongoose-session.index.js';
export { MongooseSessionLocks } from './mongoose-session.locks.js';
export { MongooseSessionStore } from './mongoose-session.store.js';
export { MongooseStorageHealth } from './mongoose-storage.health.js';
export {
  MongooseStorageModule,
  type MongooseStorageAsyncOptions,
  type MongooseStorageModuleOptions,
} from './mongoose-storage.module.js';
export type { MongooseStorageOptions } from './mongoose.options.js';
export { MongooseUserStore } from './mongoose-user.store.js';
