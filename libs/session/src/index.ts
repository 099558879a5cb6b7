export type { CookieOptions } from './cookie.options.js';
export type { DataSchemaOptions } from './data/data-schema.js';
export {
  SessionEvents,
  type RefusalReason,
  type SessionCause,
  type SessionEventMap,
  type SessionEventName,
} from './engine/session.events.js';
export { SessionStorage } from './engine/session-storage.js';
export type { EndReason } from './storage/end-reason.js';
export { CookieService, type CookieResponse, type SetCookieOptions } from './handlers/cookie.service.js';
export { Cookies } from './handlers/cookies.decorator.js';
export { requestOf } from './handlers/request-of.js';
export { Session, SessionId } from './handlers/session.decorator.js';
export { RequireSession, SessionGuard, SessionLock, SkipSession } from './handlers/session.guard.js';
export { MemoryAnonymousSessions } from './memory/memory-anonymous.sessions.js';
export { MemorySessionIndex } from './memory/memory-session.index.js';
export { MemorySessionLocks } from './memory/memory-session.locks.js';
export { MemorySessionStore } from './memory/memory-session.store.js';
export { MemorySessions } from './memory/memory-sessions.js';
export { MemoryStorageModule } from './memory/memory-storage.module.js';
export type { MemoryStorageOptions } from './memory/memory.options.js';
export { describeSession, isSessionMissing, type SessionInfo } from './request/session-info.js';
export { SessionService } from './service/session.service.js';
export type { CreateSessionOptions, SessionInfoList, SessionSnapshot } from './service/session.service.types.js';
export { SessionSweeper } from './service/session.sweeper.js';
export { SessionModule } from './session.module.js';
export {
  SESSION_DEFAULTS,
  type ProblemRequest,
  type RenderProblem,
  type SessionModuleOptions,
} from './session.options.js';
export type { RegenerateOptions, SessionControls, SessionCookie, SessionHold, SessionValues } from './session.types.js';
