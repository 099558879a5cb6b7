import type { Awaitable } from 'nest-gatehouse/common';
import type { EndReason } from 'nest-gatehouse/session/storage';

/** An end of all sessions of a user that has begun and may not be complete. */
export interface PendingEnd {
  /** Unique: a user may have several. */
  readonly id: string;
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** Why the sessions end, for whoever finishes it. Absent in notes of our first releases. */
  readonly reason?: EndReason;
}

/**
 * Remembers ends that have begun. The account's epoch, the sessions' epoch and the records change one after the other,
 * and a process may die in between. What is still noted after a while is finished by the next process that looks. The
 * class is its own injection token. A storage written by the application need not provide it; then these notes are in
 * memory, and an interrupted end takes effect on guarded routes only, until it is repeated.
 */
export abstract class PendingEnds {
  /** Durable once this resolves. */
  abstract add(end: PendingEnd): Awaitable<void>;

  /** Removing an unknown id is no error. */
  abstract remove(id: string): Awaitable<void>;

  /** At most `limit` that were begun at this time or before, oldest first. */
  abstract begunBy(time: number, limit: number): Awaitable<readonly PendingEnd[]>;
}
