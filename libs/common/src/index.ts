export { isPromise, whenReady, type Awaitable } from './awaitable.js';
export { clientOf, type Client, type ClientRequest } from './client/client.js';
export { clientAddress, clientNetwork } from './client/client-address.js';
export { isUnixSocket, platformView, socketOf, THIS_MACHINE, withForwardedFor } from './client/platform-view.js';
export { Clock, SystemClock } from './clock.js';
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
} from './options.js';
export {
  ProblemException,
  problemDocument,
  type FieldError,
  type ProblemDocument,
  type ProblemExtras,
} from './problem.js';
export { Randomness, SystemRandomness } from './randomness.js';
export { SharedCheck } from './shared-check.js';
export { StoreUnavailableError, type StoreFailure } from './store-errors.js';
