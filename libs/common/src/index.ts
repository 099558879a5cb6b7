import './one-instance.js';
export { carriesApiKey } from './api-key-header.js';
export { isPromise, whenReady, type Awaitable } from './awaitable.js';
export { BackgroundSweep, inBatches } from './background-sweep.js';
export { BASE_PATH_HELP, basePath, basePathOf, forwardedPrefix, giveBasePath, withBasePath } from './base-path.js';
export { clientOf, type Client, type ClientRequest } from './client/client.js';
export { clientAddress, clientNetwork } from './client/client-address.js';
export { onClientWarning, type ClientWarning, type ClientWarningListener } from './client/client-warnings.js';
export { platformView } from './client/platform-view.js';
export { Clock, SystemClock } from './clock.js';
export { controllerAt } from './controller-at.js';
export { BadCursorError, decodeCursor, encodeCursor } from './cursor.js';
export { isExcluded } from './excluded-paths.js';
export { globalPathOf } from './global-path.js';
export { HandlerRoutes, type HandlerRoute } from './handler-routes.js';
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
export { fromForRoot, givenOptions, moduleCheck, needs, presenceOf } from './module-setup.js';
export { optionsObject, type OptionNames } from './options-object.js';
export { isOrigin, normalizeOrigin } from './origin.js';
export { ACCESS, OwnAuthentication } from './own-authentication.js';
export { pageQuery } from './page-query.js';
export {
  ProblemException,
  problemDocument,
  type FieldError,
  type ProblemDocument,
  type ProblemExtras,
} from './problem.js';
export { Randomness, SystemRandomness } from './randomness.js';
export { BodyOf, parseBody } from './request-body.js';
export { requireStorage, type MissingStorage } from './required-storage.js';
export { hashSecret, isSameHash, newSecret } from './secret.js';
export { SharedCheck } from './shared-check.js';
export { outcomeOf, StoreCalls, type StoreFailureListener } from './store-calls.js';
export { StoreUnavailableError, type StoreFailure } from './store-errors.js';
export { StoreMonitor, type StoreListener, type StoreOutcome, type StoreWrapper } from './store-monitor.js';
export { EventRelay, TypedEvents } from './typed-events.js';
