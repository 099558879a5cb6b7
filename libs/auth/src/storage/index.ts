/**
 * For storages: the contracts of sign-in, and what all stores share. The entry `nest-gatehouse/auth/storage` loads
 * neither bcrypt nor passport, so that an application with sessions alone can import a storage module.
 */
export { delayAfter, withFailure, withWindowFailure, type StoredAttempts } from './attempt-counting.js';
export {
  AuditLog,
  type AuditedAccount,
  type AuditedSession,
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  type AuditPage,
  type AuditType,
} from './audit-log.js';
export { AuthStorage } from './auth-storage.js';
export { canonicalUsername } from './canonical-username.js';
export { decodeKeyCursor, encodeKeyCursor, type KeyList } from './key-cursor.js';
export {
  LoginAttempts,
  type AttemptCounter,
  type AttemptOutcome,
  type FailurePolicy,
  type WindowPolicy,
} from './login-attempts.js';
export { pseudonymised } from './pseudonymised.js';
export { PendingEnds, type PendingEnd } from './pending-ends.js';
export { changedUserRecord, KNOWN_NETWORKS, newUserRecord } from './user-record.js';
export {
  DeletionUnsupportedError,
  UsernameTakenError,
  UserStore,
  type NewUser,
  type UserChanges,
  type UserExpectation,
  type UserList,
  type UserPage,
  type UserRecord,
} from './user-store.js';
