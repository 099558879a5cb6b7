/** For authentication libraries: whose session it is, and what changes its secret. The entry `nest-gatehouse/session/identity`. */
export type { SessionIdentity } from './engine/new-record.js';
export type { SignInOptions } from './request/session-actions.js';
export {
  confirmIdentity,
  csrfToken,
  followEpoch,
  isCsrfToken,
  requireCurrentSecret,
  setAside,
  signIn,
  swapSecret,
} from './request/session-identity.js';
