/** What is wrong with one field of a request. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/** What is known of a failed call. No part of it holds the API key. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly errors?: readonly FieldFault[] | undefined;
  readonly retryAfter?: number | undefined;
}

/** A call has failed, after all retries that make sense. What else can be wrong are programming errors (`TypeError`). */
export class SessmanError extends Error {
  override readonly name: string = 'SessmanError';
  /** Stable, in `snake_case`: the one of the service, or of the subclasses below. */
  readonly code: string;
  /** The HTTP status; undefined if there was no answer. */
  readonly status: number | undefined;
  /** The service's name for the request, to be found in its log. */
  readonly requestId: string | undefined;
  /** Which fields were refused, and why; empty if the service names none. */
  readonly errors: readonly FieldFault[];
  /** Seconds until another attempt makes sense, if the service said so. */
  readonly retryAfter: number | undefined;

  constructor({ code, message, status, requestId, errors = [], retryAfter }: Failure) {
    super(`${message} (${code})`);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }
}

/** There is no such session of this user, or it has ended. */
export class SessionNotFoundError extends SessmanError {
  override readonly name = 'SessionNotFoundError';
}

/** With `ifMatch`: somebody else has changed the session. Nothing was written; call `refresh()` and decide again. */
export class VersionMismatchError extends SessmanError {
  override readonly name = 'VersionMismatchError';
}

/** The data exceed what the service keeps for one session. Nothing was written. */
export class TooLargeError extends SessmanError {
  override readonly name = 'TooLargeError';
}

/** The API key is missing, unknown or expired (401), or lacks a scope (403). */
export class UnauthorizedError extends SessmanError {
  override readonly name = 'UnauthorizedError';
}

/** Too many requests, and the last of the retries was refused as well; `retryAfter` says how long to wait. */
export class RateLimitedError extends SessmanError {
  override readonly name = 'RateLimitedError';
}

/** The last attempt got no answer, or only a part of one. Whether it took effect is not known. */
export class NetworkError extends SessmanError {
  override readonly name: string = 'NetworkError';
}

/** The deadline of all attempts has passed during an attempt. Whether it took effect is not known. */
export class DeadlineError extends NetworkError {
  override readonly name = 'DeadlineError';
}

/** Whatever answered is not the service: a page of a proxy, or JSON of another shape. */
export class BadAnswerError extends SessmanError {
  override readonly name = 'BadAnswerError';
}
