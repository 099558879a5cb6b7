import type { Awaitable } from 'nest-gatehouse/common';

/** The right to work on one key alone, until `expiresAt` at the latest. */
export interface SessionLease {
  readonly key: string;
  /** Random; distinguishes this holder from any other. */
  readonly owner: string;
  /** Higher than that of every earlier lease on the key. A store refuses the save of a holder with a lower one. */
  readonly fence: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface LockRequest {
  /** How long to wait for the present holder, in milliseconds; 0 asks once. */
  readonly wait: number;
  /** How long the lease lasts, in milliseconds. The lease of a holder that died ends then. */
  readonly lease: number;
  /** Called once if the caller has to wait because another holds the key, or is to have it first. */
  readonly onWait?: () => void;
}

/**
 * Leases with a fence and a bounded wait (OWASP ASVS 5.0, 15.4.3). A key need not belong to a session, and a lock does
 * not end with one.
 */
export abstract class SessionLocks {
  /** Null if another still holds the key after the wait. Waiters of one process are served in their order. */
  abstract acquire(key: string, request: LockRequest): Awaitable<SessionLease | null>;

  /** The longer lease, or null if it is no longer held by this owner: it has expired and another may have it. */
  abstract extend(lease: SessionLease, milliseconds: number): Awaitable<SessionLease | null>;

  /** Releasing twice, or after expiry, is no error and harms no other holder. */
  abstract release(lease: SessionLease): Awaitable<void>;
}
