export { AnonymousSessions, anonymousBytes, SESSION_OVERHEAD, type AnonymousUsage } from './anonymous-sessions.js';
export { isPromise, whenReady, type Awaitable } from './awaitable.js';
export { clientOf, type Client, type ClientRequest } from './client.js';
export { clientAddress, clientNetwork } from './client-network.js';
export { Clock, SystemClock } from './clock.js';
export { applyDataChanges, hasChanges, type DataConditions, type DataOutcome } from './data-changes.js';
export { frozenRecord, type StoreFields } from './frozen-record.js';
export { LockQueue, type LockAttempt } from './lock-queue.js';
export { MemoryAnonymousSessions } from './memory/memory-anonymous.sessions.js';
export { MemorySessionIndex } from './memory/memory-session.index.js';
export { MemorySessionLocks } from './memory/memory-session.locks.js';
export { MemorySessionStore } from './memory/memory-session.store.js';
export { MemorySessions } from './memory/memory-sessions.js';
export { MemoryStorageModule, type MemoryStorageAsyncOptions } from './memory/memory-storage.module.js';
export type { MemoryStorageOptions } from './memory/memory.options.js';
export {
  byteSize,
  BYTE_SIZE_HELP,
  byteSizeOrZero,
  duration,
  DURATION_HELP,
  durationOrZero,
  OptionsError,
  parseOptions,
  type ByteSize,
  type Duration,
} from './option-types.js';
export { decodeCursor, encodeCursor, type PagePosition, type SessionSort } from './page-cursor.js';
export {
  ProblemException,
  problemDocument,
  type FieldError,
  type ProblemDocument,
  type ProblemExtras,
} from './problem.js';
export { platformView } from './platform-view.js';
export { Randomness, SystemRandomness } from './randomness.js';
export { copyOfRotation, copyOfUpdate, rotateRecord, updateRecord, type ChangedRecord } from './record-changes.js';
export type { ProblemRequest, RenderProblem } from './render-problem.js';
export { matchesFilter } from './session-filter.js';
export {
  BadCursorError,
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
  type DataChanges,
  type RotationOutcome,
  type SecretRotation,
  type SessionUpdate,
  type UpdateOutcome,
} from './session-store.js';
export { SharedCheck } from './shared-check.js';
export { StorageHealth } from './storage-health.js';
export { StoreUnavailableError, type StoreFailure } from './store-errors.js';
export type { CookieOptions } from './cookie.options.js';
export { CookieService, type CookieResponse, type SetCookieOptions } from './cookie.service.js';
export { Cookies } from './cookies.decorator.js';
export type { DataSchemaOptions } from './data-schema.js';
export { requestOf } from './request-of.js';
export { Session, SessionId } from './session.decorator.js';
export type { RegenerateOptions, SessionControls, SessionValues } from './session.js';
export type { SessionCookie } from './session-cookie-view.js';
export {
  SessionEvents,
  type EndReason,
  type RefusalReason,
  type SessionCause,
  type SessionEventMap,
  type SessionEventName,
} from './session.events.js';
export { RequireSession, SessionGuard, SessionLock, SkipSession } from './session.guard.js';
export type { SessionHold } from './session-hold.js';
export { describeSession, isSessionMissing, type SessionInfo } from './session-info.js';
export { SessionModule } from './session.module.js';
export type { SessionModuleOptions } from './session.options.js';
export { SessionStorage } from './session-storage.js';
export {
  SessionService,
  type CreateSessionOptions,
  type SessionInfoList,
  type SessionSnapshot,
} from './session.service.js';
export { SessionSweeper } from './session.sweeper.js';
export {
  confirmIdentity,
  csrfToken,
  followEpoch,
  isCsrfToken,
  requireCurrentSecret,
  setAside,
  signIn,
  swapSecret,
} from './session-identity.js';
export type { SignInOptions } from './session-actions.js';
export type { SessionIdentity } from './session-records.js';
export { UserSweepIndex } from './user-sweep-index.js';
