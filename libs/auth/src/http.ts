/**
 * For an application's own routes and pages: what ours use to read requests and to answer. The entry
 * `nest-gatehouse/auth/http`.
 */
export { auditOriginOf, type AuditOrigin } from './audit/audit-origin.js';
export { resolveAuthOptions, type ResolvedAuthOptions } from './auth.options.js';
export { AuthPages, type AuthPage, type AuthPageContext, type PageNotice } from './pages/auth-pages.js';
export { AUTH_EXTRAS, AUTH_OPTIONS, type AuthModuleExtras } from './auth.tokens.js';
export { deviceName } from 'nest-gatehouse/session/storage';
export { FormAnswers } from './pages/form-answers.js';
export { HttpAnswers } from './http/http-answers.js';
export { isForm, ownOrigin, visitorOf, wantsPage, type HttpRequest, type Visitor } from './http/http-request.js';
export type { AccountView } from './pages/account.view.js';
export { PageAnswers } from './pages/page-answers.js';
export { PersonalPages, type PersonalAnswer } from './pages/personal-pages.js';
export { NavLinks, type NavLink } from './pages/nav-links.js';
export {
  loginBody,
  passwordBody,
  reauthenticateBody,
  type LoginBody,
  type PasswordBody,
  type ReauthenticateBody,
} from './http/request-bodies.js';
export { recentAuthRequired } from './auth.problems.js';
export { RoutePaths } from './http/route-paths.js';
export { safeNext } from './http/safe-next.js';
export { toSignedInUser } from './storage/user-record.js';
export { viewSession, type ActiveSessionView, type SignedInView } from './http/views.js';
export { COMMAND_LINE_ACTOR } from './audit/command-line-actor.js';
export { ADMINISTRATOR_ROLE } from './users/administrators.js';
export { AUDIT_POLICIES, type AuditPolicy } from './audit/audit-policy.js';
export { TemplatePages } from './pages/template-pages.js';
