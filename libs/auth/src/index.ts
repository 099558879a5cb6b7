export {
  OpenWhilePasswordMustChange,
  OptionalAuth,
  Public,
  RequireRecentAuth,
  Roles,
  SkipCsrf,
} from './access/access.decorators.js';
export { auditOriginOf, type AuditOrigin } from './audit/audit-origin.js';
export { AUDIT_POLICIES, type AuditPolicy } from './audit/audit-policy.js';
export { AuditService, type AuditNote } from './audit/audit.service.js';
export { AuditSweeper } from './audit/audit.sweeper.js';
export { AuthEvents } from './audit/auth.events.js';
export { AuthGuard } from './access/auth.guard.js';
export { AuthModule, type AuthModuleSetup } from './auth.module.js';
export type {
  AuthModuleOptions,
  AuthPaths,
  PasswordPolicyOptions,
  Pepper,
  RememberOptions,
  ResolvedAuthOptions,
} from './auth.options.js';
export { AuthPages, type AuthPage, type AuthPageContext, type PageNotice } from './pages/auth-pages.js';
export { AuthService, type Credentials, type EstablishOptions } from './sign-in/auth.service.js';
export { AUTH_EXTRAS, AUTH_OPTIONS, type AuthModuleExtras } from './auth.tokens.js';
export { canonicalUsername } from './users/canonical-username.js';
export { clientNetwork } from 'nest-gatehouse/common';
export { CrossSiteGuard } from './cross-site/cross-site.guard.js';
export { CurrentUser } from './access/current-user.decorator.js';
export { deviceName } from './account/device-name.js';
export { FormAnswers } from './pages/form-answers.js';
export type { HashFlow } from './passwords/hash-flow.js';
export { HashQueue } from './passwords/hash-queue.js';
export { HttpAnswers } from './http/http-answers.js';
export { isForm, ownOrigin, visitorOf, wantsPage, type HttpRequest, type Visitor } from './http/http-request.js';
export { MemoryAuditLog } from './memory/memory-audit.log.js';
export { MemoryAuthStorageModule } from './memory/memory-auth-storage.module.js';
export { MemoryLoginAttempts } from './memory/memory-login-attempts.js';
export { MemoryPendingEnds } from './memory/memory-pending-ends.js';
export { MemoryUserStore } from './memory/memory-user.store.js';
export { MySessionsService, type MySession, type MySessionList } from './account/my-sessions.service.js';
export { CommonPasswords, PasswordBlocklist } from './passwords/password-blocklist.js';
export type { AccountView } from './pages/account.view.js';
export { PageAnswers } from './pages/page-answers.js';
export { StaffSessionsService, type StaffSession, type StaffSessionList } from './pages/staff-sessions.service.js';
export { TemplatePages } from './pages/template-pages.js';
export { PasswordChangeService } from './account/password-change.service.js';
export { PasswordPolicy } from './passwords/password-policy.js';
export { PasswordVerifier } from './passwords/password-verifier.js';
export { PendingEndsSweeper } from './users/pending-ends.sweeper.js';
export {
  loginBody,
  pageQuery,
  passwordBody,
  reauthenticateBody,
  type LoginBody,
  type PasswordBody,
  type ReauthenticateBody,
} from './http/request-bodies.js';
export { safeNext } from './http/safe-next.js';
export { SessionSockets, type CloseSocket } from './sockets/session-sockets.js';
export { signedInOf, type SignedIn } from './access/signed-in.js';
export { toSignedInUser, type SignedInUser } from './storage/user-record.js';
export { UserService, type Actor, type CreatedUser, type CreateUser } from './users/user.service.js';
export type { ActiveSessionView, SignedInView } from './http/views.js';
