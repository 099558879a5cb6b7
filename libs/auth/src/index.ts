export {
  OpenWhilePasswordMustChange,
  OptionalAuth,
  PageForm,
  Public,
  RequireRecentAuth,
  Roles,
  SkipCsrf,
} from './access/access.decorators.js';
export { AuditService, type AuditNote } from './audit/audit.service.js';
export { AuditSweeper } from './audit/audit.sweeper.js';
export { AuthEvents } from './audit/auth.events.js';
export { AuthGuard } from './access/auth.guard.js';
export { AuthModule, type AuthModuleSetup } from './auth.module.js';
export type { AuthModuleOptions, AuthPaths, PasswordPolicyOptions, Pepper, RememberOptions } from './auth.options.js';
export { AUTH_DEFAULTS } from './auth.options.js';
export { AuthService, type Credentials, type EstablishOptions } from './sign-in/auth.service.js';
export { CrossSiteGuard } from './cross-site/cross-site.guard.js';
export { CurrentUser } from './access/current-user.decorator.js';
export type { HashFlow } from './passwords/hash-flow.js';
export { HashQueue } from './passwords/hash-queue.js';
export { MemoryAuditLog } from './memory/memory-audit.log.js';
export { MemoryAuthStorageModule } from './memory/memory-auth-storage.module.js';
export { MemoryLoginAttempts } from './memory/memory-login-attempts.js';
export { MemoryPendingEnds } from './memory/memory-pending-ends.js';
export { MemoryUserStore } from './memory/memory-user.store.js';
export { MySessionsService, type MySession, type MySessionList } from './account/my-sessions.service.js';
export { CommonPasswords, PasswordBlocklist } from './passwords/password-blocklist.js';
export { PasswordChangeService } from './account/password-change.service.js';
export { PasswordPolicy } from './passwords/password-policy.js';
export { PasswordVerifier } from './passwords/password-verifier.js';
export { PendingEndsSweeper } from './users/pending-ends.sweeper.js';
export { SessionSockets, type CloseSocket } from './sockets/session-sockets.js';
export { signedInOf, type SignedIn } from './access/signed-in.js';
export { type SignedInUser } from './storage/user-record.js';
export { UserService } from './users/user.service.js';
export type { Actor, CreatedUser, CreateUser } from './users/user.service.types.js';
