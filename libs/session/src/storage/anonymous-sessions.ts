import type { Awaitable } from 'nest-gatehouse/common';
import type { EndedSession } from './session-index.js';

/** How much anonymous sessions take, or may take. */
export interface AnonymousUsage {
  readonly sessions: number;
  /** As `anonymousBytes` counts them. */
  readonly bytes: number;
}

/** Hashes, times, address, user agent and the entries in indexes: about what a session takes beside its data, in every storage of ours. */
export const SESSION_OVERHEAD = 1024;

/** What one session counts: the bytes of its data's JSON in UTF-8, and `SESSION_OVERHEAD`. */
export function anonymousBytes(data: string): number {
  return Buffer.byteLength(data) + SESSION_OVERHEAD;
}

/**
 * Keeps what anonymous sessions take within bounds. A contract of its own beside `SessionStore` and `SessionIndex`: a storage without it works, and is
 * as large as its visitors make it. The class is its own injection token.
 */
export abstract class AnonymousSessions {
  /**
   * Ends anonymous sessions, the one used longest ago first, until all of them are within `bounds` (`Infinity`: none); at most `limit`, or fewer
   * where so many would hold the event loop. Returns them, each to one caller only, whichever process asks; call again until it returns none.
   *
   * Records that are over and not yet swept count, and go like others. A signed-in session never goes, and neither does the last anonymous one, so that
   * a bound smaller than one session does not end each as soon as it is made.
   */
  abstract evictOldest(bounds: AnonymousUsage, limit: number): Awaitable<readonly EndedSession[]>;
}
