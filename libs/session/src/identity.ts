/**
 * For authentication libraries: whose session it is, and what changes its secret. The entry
 * `nest-gatehouse/session/identity`.
 */
export type { SessionIdentity } from './engine/new-record.js';
export type { SignInOptions } from './request/session-verbs.js';
export { resolveSessionOptions, type ResolvedSessionOptions } from './session.options.js';
export { SESSION_OPTIONS } from './session.tokens.js';
export { csrfToken, isCsrfToken } from './request/csrf-token.js';
export { leaveQuiet } from './request/quiet-request.js';
export { confirmIdentity, followEpoch, requireCurrentSecret, setAside, signIn, swapSecret } from './request/sign-in.js';
