/** For storages: the contracts of sessions, and what all stores share. The entry `nest-gatehouse/session/storage`. */
export {
  applyDataChanges,
  hasChanges,
  type DataChanges,
  type DataConditions,
  type DataOutcome,
} from '../data/merge.js';
export { addressKey, networkRange, type AddressRange } from './address-key.js';
export { deviceKey, deviceName } from './device-name.js';
export { AnonymousSessions, anonymousBytes, SESSION_OVERHEAD, type AnonymousUsage } from './anonymous-sessions.js';
export type { EndReason } from './end-reason.js';
export { frozenRecord, type StoreFields } from './frozen-record.js';
export { isHandle, newHandle } from './handle.js';
export { LockQueue, type LockAttempt } from './lock-queue.js';
export {
  decodeSessionCursor,
  encodeSessionCursor,
  type PagePosition,
  type SessionOrder,
  type SessionSort,
} from './page-cursor.js';
export { copyOfRotation, copyOfUpdate, rotateRecord, updateRecord, type ChangedRecord } from './record-changes.js';
export { isProgramUser, namespacePrefix, PROGRAM_USER_PREFIX } from './program-user.js';
export { isEmptyFilter, sessionMatcher, withImpliedBounds, type SessionMatcher } from './session-filter.js';
export {
  SessionIndex,
  type EndedSession,
  type SessionFilter,
  type SessionList,
  type SessionPage,
} from './session-index.js';
export { SessionLocks, type LockRequest, type SessionLease } from './session-locks.js';
export { toSummary, type SessionFields, type SessionRecord, type SessionSummary } from './session-record.js';
export {
  SessionExistsError,
  SessionStore,
  type RotationOutcome,
  type SecretRotation,
  type SessionUpdate,
  type UpdateOutcome,
} from './session-store.js';
export { StorageHealth } from './storage-health.js';
export { UserSweepIndex } from './user-sweep-index.js';
