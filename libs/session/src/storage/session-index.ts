import type { Awaitable } from 'nest-gatehouse/common';
import type { SessionRecord, SessionSummary } from './session-record.js';

/** All given conditions must hold. */
export interface SessionFilter {
  /** `null` means anonymous sessions only. */
  readonly userId?: string | null;
  /** The exact address. */
  readonly ip?: string;
  /** Milliseconds since the epoch, exclusive. */
  readonly lastSeenBefore?: number;
  /** Milliseconds since the epoch, inclusive. */
  readonly lastSeenSince?: number;
}

export interface SessionPage {
  /** 1 to 200. */
  readonly limit: number;
  /** Newest first by this time; ties by handle, descending. Default `createdAt`. */
  readonly sort?: 'createdAt' | 'lastSeenAt';
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface SessionList {
  readonly items: readonly SessionSummary[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

/** What is told of a session that an index has ended. */
export type EndedSession = Pick<SessionRecord, 'handle' | 'userId' | 'idleExpiresAt' | 'absoluteExpiresAt'>;

/** Finds and ends sessions by what they are, not by token. Only live sessions are seen, except by `sweep`. */
export abstract class SessionIndex {
  /** Keyset paging: sessions that come or go between two pages neither repeat nor hide others. @throws BadCursorError */
  abstract find(filter: SessionFilter, page: SessionPage): Awaitable<SessionList>;

  abstract count(filter: SessionFilter): Awaitable<number>;

  /** Ends at most `limit` matching sessions, `except` one handle, and returns them; call again until it returns none. */
  abstract end(filter: SessionFilter, limit: number, except?: string): Awaitable<readonly EndedSession[]>;

  /**
   * Removes at most `limit` records that are over and returns them, each to one caller only, whichever process asks.
   * A small limit keeps the event loop free.
   */
  abstract sweep(limit: number): Awaitable<readonly EndedSession[]>;

  /** 0 for a user whose epoch was never set. */
  abstract userEpoch(userId: string): Awaitable<number>;

  /**
   * Sets the user's epoch to `epoch`, or one higher than it is where none is given, never lower than it is; returns it. Sessions with a
   * lower `userEpoch` are over from that moment, one by one removed or not.
   */
  abstract raiseUserEpoch(userId: string, epoch?: number): Awaitable<number>;
}
