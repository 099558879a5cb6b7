export {
  OpenWhilePasswordMustChange,
  OptionalAuth,
  Public,
  RequireRecentAuth,
  Roles,
  SkipCsrf,
} from './access.decorators.js';
export { delayAfter, withFailure, withWindowFailure, type StoredAttempts } from './attempt-counting.js';
export {
  AuditLog,
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  type AuditPage,
  type AuditType,
} from './audit-log.js';
export { auditOriginOf, type AuditOrigin } from './audit-origin.js';
export { AUDIT_POLICIES, type AuditPolicy } from './audit-policy.js';
export { AuditService, type AuditNote } from './audit.service.js';
export { AuditSweeper } from './audit.sweeper.js';
export { AuthEvents } from './auth.events.js';
export { AuthGuard } from './auth.guard.js';
export { AuthModule, type AuthModuleSetup } from './auth.module.js';
export type {
  AuthModuleOptions,
  AuthPaths,
  PasswordPolicyOptions,
  Pepper,
  RememberOptions,
  ResolvedAuthOptions,
} from './auth.options.js';
export { AuthPages, type AuthPage, type AuthPageContext, type PageNotice } from './auth-pages.js';
export { AuthService, type Credentials, type EstablishOptions } from './auth.service.js';
export { AuthStorage } from './auth-storage.js';
export { AUTH_EXTRAS, AUTH_OPTIONS, type AuthModuleExtras } from './auth.tokens.js';
export { canonicalUsername } from './canonical-username.js';
export { clientNetwork } from './client-network.js';
export { CrossSiteGuard } from './cross-site.guard.js';
export { CurrentUser } from './current-user.decorator.js';
export { deviceName } from './device-name.js';
export { FormAnswers } from './form-answers.js';
export type { HashFlow } from './hash-flow.js';
export { HashQueue } from './hash-queue.js';
export { HttpAnswers } from './http-answers.js';
export { isForm, ownOrigin, visitorOf, wantsPage, type HttpRequest, type Visitor } from './http-request.js';
export { decodeKeyCursor, encodeKeyCursor, type KeyList } from './key-cursor.js';
export {
  LoginAttempts,
  type AttemptCounter,
  type AttemptOutcome,
  type FailurePolicy,
  type WindowPolicy,
} from './login-attempts.js';
export { MemoryAuditLog } from './memory/memory-audit.log.js';
export { MemoryAuthStorageModule } from './memory/memory-auth-storage.module.js';
export { MemoryLoginAttempts } from './memory/memory-login-attempts.js';
export { MemoryPendingEnds } from './memory/memory-pending-ends.js';
export { MemoryUserStore } from './memory/memory-user.store.js';
export { pageQuery } from './my-sessions.controller.js';
export { MySessionsService, type MySession, type MySessionList } from './my-sessions.service.js';
export { CommonPasswords, PasswordBlocklist } from './password-blocklist.js';
export type { AccountView } from './pages/account.view.js';
export { PageAnswers } from './pages/page-answers.js';
export { PageAssets, type PageAsset } from './pages/page-assets.js';
export { StaffSessionsService, type StaffSession, type StaffSessionList } from './pages/staff-sessions.service.js';
export { PAGE_STYLESHEET } from './pages/styles/page-stylesheet.js';
export { TemplatePages } from './pages/template-pages.js';
export { PasswordChangeService } from './password-change.service.js';
export { PasswordPolicy } from './password-policy.js';
export { PasswordVerifier } from './password-verifier.js';
export { PendingEnds, type PendingEnd } from './pending-ends.js';
export { PendingEndsSweeper } from './pending-ends.sweeper.js';
export {
  loginBody,
  passwordBody,
  reauthenticateBody,
  type LoginBody,
  type PasswordBody,
  type ReauthenticateBody,
} from './request-bodies.js';
export { safeNext } from './safe-next.js';
export { SessionSockets, type CloseSocket } from './session-sockets.js';
export { signedInOf, type SignedIn } from './signed-in.js';
export { changedUserRecord, KNOWN_NETWORKS, newUserRecord, toSignedInUser, type SignedInUser } from './user-record.js';
export { UserService, type Actor, type CreatedUser, type CreateUser } from './user.service.js';
export {
  UsernameTakenError,
  UserStore,
  type NewUser,
  type UserChanges,
  type UserExpectation,
  type UserList,
  type UserPage,
  type UserRecord,
} from './user-store.js';
export type { ActiveSessionView, SignedInView } from './views.js';
