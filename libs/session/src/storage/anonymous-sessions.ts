import type { Awaitable } from 'nest-gatehouse/common';
import type { EndedSession } from './session-index.js';

/** How much anonymous sessions take, or may take. */
export interface AnonymousUsage {
  readonly sessions: number;
  /** As `anonymousBytes` counts them. */
  readonly bytes: number;
}

/**
 * Hashes, times, address, user agent and index entries: about what a session takes beside its data, in each of our
 * storages.
 */
export const SESSION_OVERHEAD = 1024;

/** How many bytes one session counts: those of its data's JSON in UTF-8, and `SESSION_OVERHEAD`. */
export function anonymousBytes(data: string): number {
  return Buffer.byteLength(data) + SESSION_OVERHEAD;
}

/**
 * Keeps what anonymous sessions take within bounds. A separate contract beside `SessionStore` and `SessionIndex`: a
 * storage without it works, but nothing bounds its anonymous sessions. The class is its own injection token.
 */
export abstract class AnonymousSessions {
  /**
   * Ends anonymous sessions, the one used longest ago first, until all of them are within `bounds` (`Infinity`: no
   * bound); at most `limit`, or fewer if so many would block the event loop. Returns them, each to one caller only,
   * whichever process asks; call again until it returns none.
   *
   * Expired records that are not yet swept count, and are ended like others. A signed-in session is never ended, and
   * neither is the last anonymous one, so that a bound smaller than one session does not end each session as soon as it
   * is made.
   */
  abstract evictOldest(bounds: AnonymousUsage, limit: number): Awaitable<readonly EndedSession[]>;
}
