import type { Awaitable } from 'nest-gatehouse/common';

/** Limits consecutive failures under one key: some are free, then comes a growing delay, then a lockout. */
export interface FailurePolicy {
  /**
   * The delay starts with the failure that uses up the last free one. At least one is free, because nothing can be
   * delayed before the first.
   */
  readonly freeFailures: number;
  /** Milliseconds; the delay starts at 1 s and doubles up to this. */
  readonly maxDelay: number;
  /** This many failures block the key for `lockout`. */
  readonly hardLimit: number;
  /** Milliseconds. Also how long a key is remembered after its last failure. */
  readonly lockout: number;
}

/** Failures under one key within a window that starts at the first of them. */
export interface WindowPolicy {
  readonly limit: number;
  /** Milliseconds. */
  readonly window: number;
}

export type AttemptOutcome =
  | { readonly allowed: true }
  /** Milliseconds since the epoch. */
  | { readonly allowed: false; readonly retryAt: number };

export interface AttemptCounter {
  readonly failures: number;
  /** Milliseconds since the epoch; 0 if the next attempt would be allowed. */
  readonly blockedUntil: number;
}

/**
 * Counts login attempts before they are checked, for all processes on the store: an attempt counts as a failure until
 * it is taken back. A refused attempt is not counted. Every method is atomic for its key. Counters expire by
 * themselves; every call decides this anew. A key is counted in only one of the two ways. A method that cannot do its
 * work throws; it never answers "allowed" instead.
 */
export abstract class LoginAttempts {
  /** Counts one more failure unless the key is blocked, in one atomic step. Parallel callers never pass the limit. */
  abstract countFailure(key: string, policy: FailurePolicy): Awaitable<AttemptOutcome>;

  /**
   * Counts one more failure unless the window is full; the failure that fills it blocks the key until the window's end.
   */
  abstract countInWindow(key: string, policy: WindowPolicy): Awaitable<AttemptOutcome>;

  /**
   * Takes one failure of the window back, because the attempt succeeded or was not made. The window has room again. An
   * unknown key is no error.
   */
  abstract takeBack(key: string): Awaitable<void>;

  /** Forgets the keys, after a success or an administrator's unlock. */
  abstract clear(keys: readonly string[]): Awaitable<void>;

  abstract read(key: string): Awaitable<AttemptCounter>;
}
