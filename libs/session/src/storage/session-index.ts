import type { Awaitable } from 'nest-gatehouse/common';
import type { EndReason } from './end-reason.js';
import type { SessionSummary } from './session-record.js';

/** All given conditions must hold; `undefined` is not given. */
export interface SessionFilter {
  /** `null` means anonymous sessions only. */
  readonly userId?: string | null;
  /** Exact, and in its canonical form. */
  readonly username?: string;
  /** What the canonical username begins with. */
  readonly usernamePrefix?: string;
  /**
   * `anonymous`: of nobody; `signed-in`: of a user with an account, which those of programs have not. Default `live`: all.
   */
  readonly state?: 'live' | 'anonymous' | 'signed-in';
  /** Of a program: those of this namespace. */
  readonly namespace?: string;
  /** The exact address. */
  readonly ip?: string;
  /** An address or CIDR, IPv4 or IPv6. An IPv4-mapped IPv6 address counts as the IPv4 address. */
  readonly network?: string;
  /** Contained in the name of the device (`deviceName` of the user agent), whatever the case. */
  readonly device?: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly createdAfter?: number;
  /** Milliseconds since the epoch, exclusive. */
  readonly createdBefore?: number;
  /** Milliseconds since the epoch, exclusive. */
  readonly lastSeenBefore?: number;
  /** Milliseconds since the epoch, inclusive. */
  readonly lastSeenSince?: number;
}

export interface SessionPage {
  /** 1 to 200. */
  readonly limit: number;
  /** By this time; ties by handle, in the same order. Default `createdAt`. */
  readonly sort?: 'createdAt' | 'lastSeenAt';
  /** Default `descending`: newest first. */
  readonly order?: 'descending' | 'ascending';
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface SessionList {
  readonly items: readonly SessionSummary[];
  /** Opaque; null at the end. */
  readonly next: string | null;
}

/** What an index returns of a session that it has ended: all that a list showed of it. */
export interface EndedSession extends SessionSummary {
  /** The reason for which its user's epoch was raised, of a session that this has revoked; absent where it is not known. */
  readonly revokedBecause?: EndReason;
}

/** Finds and ends sessions by their properties, not by token. Only live sessions are found, except by `sweep`. */
export abstract class SessionIndex {
  /**
   * Keyset paging: sessions that start or end between two pages make no other one appear twice or not at all. @throws
   * BadCursorError
   */
  abstract find(filter: SessionFilter, page: SessionPage): Awaitable<SessionList>;

  /** Exact, as of one moment. */
  abstract count(filter: SessionFilter): Awaitable<number>;

  /**
   *  Ends at most `limit` matching sessions, `except` one handle, and returns them; call again until it returns none.
   */
  abstract end(filter: SessionFilter, limit: number, except?: string): Awaitable<readonly EndedSession[]>;

  /**
   * Removes at most `limit` expired or revoked records and returns them, each to one caller only, whichever process
   * asks. A small limit keeps the event loop free.
   */
  abstract sweep(limit: number): Awaitable<readonly EndedSession[]>;

  /** 0 for a user whose epoch was never set. */
  abstract userEpoch(userId: string): Awaitable<number>;

  /**
   * Sets the user's epoch to `epoch`, or to one higher than it is if none is given, never to a lower one; returns it.
   * From that moment sessions with a lower `userEpoch` are revoked, whether their records are removed or not.
   * @param reason why, which the ends of these sessions tell, whichever process removes them
   */
  abstract raiseUserEpoch(userId: string, epoch?: number, reason?: EndReason): Awaitable<number>;
}
