import type { Awaitable } from 'nest-gatehouse/common';

/** An end of all sessions of a user that has begun and may not be through yet. */
export interface PendingEnd {
  /** Unique: two ends of one user are two. */
  readonly id: string;
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
}

/**
 * Remembers ends that have begun: the account's epoch, the sessions' epoch and the records change one after the other, and a process may die in
 * between. What is still noted after a while is finished by whoever looks next. The class is its own injection token. A storage of one's own need not
 * provide it; then these notes are in memory, and an end that was interrupted acts on guarded routes alone until it is repeated.
 */
export abstract class PendingEnds {
  /** Durable once answered. */
  abstract add(end: PendingEnd): Awaitable<void>;

  /** Removing what is not there is no error. */
  abstract remove(id: string): Awaitable<void>;

  /** At most `limit` that were begun at this time or before, oldest first. */
  abstract begunBy(time: number, limit: number): Awaitable<readonly PendingEnd[]>;
}
