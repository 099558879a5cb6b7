/**
 * What storage needs to know of sign-in, and no more: `nest-gatehouse/auth/contracts` loads neither bcrypt nor passport, so that an application with
 * sessions alone can import a storage module. The names are those of `nest-gatehouse/auth`, which has them too.
 */
export { delayAfter, withFailure, withWindowFailure, type StoredAttempts } from '../attempt-counting.js';
export {
  AuditLog,
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  type AuditPage,
  type AuditType,
} from '../audit-log.js';
export { AuthStorage } from '../auth-storage.js';
export { decodeKeyCursor, encodeKeyCursor, type KeyList } from '../key-cursor.js';
export {
  LoginAttempts,
  type AttemptCounter,
  type AttemptOutcome,
  type FailurePolicy,
  type WindowPolicy,
} from '../login-attempts.js';
export { PendingEnds, type PendingEnd } from '../pending-ends.js';
export { changedUserRecord, KNOWN_NETWORKS, newUserRecord } from '../user-record.js';
export {
  UsernameTakenError,
  UserStore,
  type NewUser,
  type UserChanges,
  type UserExpectation,
  type UserList,
  type UserPage,
  type UserRecord,
} from '../user-store.js';
