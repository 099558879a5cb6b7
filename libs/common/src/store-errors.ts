export type StoreFailure = 'busy' | 'full' | 'corrupt' | 'io' | 'closed';

/**
 * A store could not do its work. The message contains neither data nor query text; the driver's own error is the
 * `cause`.
 */
export class StoreUnavailableError extends Error {
  /** `busy` passes by itself; `full`, `corrupt` and `io` need an operator; `closed` is a shutdown. */
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreUnavailableError';
    this.failure = failure;
  }
}
