export type { CallOptions, SessionOptions } from './client.options.js';
export {
  BadAnswerError,
  DeadlineError,
  NetworkError,
  RateLimitedError,
  SessionNotFoundError,
  SessmanError,
  TooLargeError,
  UnauthorizedError,
  VersionMismatchError,
  type FieldFault,
} from './errors.js';
export { Session, type SessionPatch } from './session.js';
