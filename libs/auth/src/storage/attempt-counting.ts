import type { AttemptCounter, FailurePolicy, WindowPolicy } from './login-attempts.js';

/** A counter as stores keep it. Times are milliseconds since the epoch. */
export interface StoredAttempts extends AttemptCounter {
  /** When the counter is forgotten; for a window, its end. */
  readonly expiresAt: number;
}

const FIRST_DELAY = 1_000;

/** How long the key is blocked after this many consecutive failures, in milliseconds. For stores. */
export function delayAfter(failures: number, policy: FailurePolicy): number {
  if (failures >= policy.hardLimit) return policy.lockout;
  const beyond = failures - Math.max(policy.freeFailures, 1);
  return beyond < 0 ? 0 : Math.min(FIRST_DELAY * 2 ** beyond, policy.maxDelay);
}

/** The counter with one more failure; null if it is blocked and must stay as it is. For stores. */
export function withFailure(
  counter: StoredAttempts | undefined,
  policy: FailurePolicy,
  now: number,
): StoredAttempts | null {
  const live = counter && counter.expiresAt > now ? counter : undefined;
  if (live && live.blockedUntil > now) return null;
  const failures = (live?.failures ?? 0) + 1;
  const delay = delayAfter(failures, policy);
  return { failures, blockedUntil: delay === 0 ? 0 : now + delay, expiresAt: now + Math.max(policy.lockout, delay) };
}

/** The window with one more failure; null if it is full and must stay as it is. For stores. */
export function withWindowFailure(
  counter: StoredAttempts | undefined,
  policy: WindowPolicy,
  now: number,
): StoredAttempts | null {
  const live = counter && counter.expiresAt > now ? counter : undefined;
  if (live && live.blockedUntil > now) return null;
  const failures = (live?.failures ?? 0) + 1;
  const expiresAt = live?.expiresAt ?? now + policy.window;
  return { failures, blockedUntil: failures >= policy.limit ? expiresAt : 0, expiresAt };
}
