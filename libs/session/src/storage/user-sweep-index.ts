import type { Awaitable } from 'nest-gatehouse/common';
import { SessionIndex, type EndedSession, type SessionFilter } from './session-index.js';

/**
 * A `SessionIndex` that can remove at once what a user's epoch has revoked: the records are removed, and their ends
 * emitted, before the caller that ended them is answered. With a plain `SessionIndex` these sessions are revoked just
 * the same, and the next sweep removes them.
 */
export abstract class UserSweepIndex extends SessionIndex {
  /**
   * Removes at most `limit` of the records that this user's epoch has revoked and returns them, each to one caller
   * only, whichever process asks; call again until it returns none.
   */
  abstract sweepUser(userId: string, limit: number): Awaitable<readonly EndedSession[]>;

  /**
   * Ends those of these sessions that still match the filter, and returns them. At most 200 handles. The caller notes
   * them before: where this fails, some may have ended, and their ends are for the caller to tell.
   */
  abstract endAmong(handles: readonly string[], filter: SessionFilter): Awaitable<readonly EndedSession[]>;

  /**
   * Forgets the user's epoch, unless a record of the user is still there: for an account that was deleted. The epoch is 0
   * afterwards. @returns whether nothing of the user is left
   */
  abstract forgetUser(userId: string): Awaitable<boolean>;
}
