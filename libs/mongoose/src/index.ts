export { StorageDeploymentError } from './database/deployment-check.js';
export { StorageIndexError } from './database/index-check.js';
export { MongooseAdminJobs } from './admin/mongoose-admin-jobs.js';
export { MongooseAnonymousSessions } from './sessions/mongoose-anonymous.sessions.js';
export { MongooseApiKeyStore } from './sessman/mongoose-api-key.store.js';
export { MongooseAuditLog } from './auth/mongoose-audit.log.js';
export { MongooseDatabase } from './database/mongoose-database.js';
export { MongooseIdempotencyStore } from './sessman/mongoose-idempotency.store.js';
export { MongooseLoginAttempts } from './auth/mongoose-login-attempts.js';
export { MongoosePendingEnds } from './auth/mongoose-pending-ends.js';
export { MongooseSessionIndex } from './sessions/mongoose-session.index.js';
export { MongooseSessionLocks } from './sessions/mongoose-session.locks.js';
export { MongooseSessionStore } from './sessions/mongoose-session.store.js';
export { MongooseStorageHealth } from './database/mongoose-storage.health.js';
export {
  MongooseStorageModule,
  type MongooseStorageAsyncOptions,
  type MongooseStorageModuleOptions,
} from './mongoose-storage.module.js';
export type { MongooseStorageOptions } from './mongoose.options.js';
export { MongooseUserStore } from './auth/mongoose-user.store.js';
