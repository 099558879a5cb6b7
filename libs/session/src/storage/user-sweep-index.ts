import type { Awaitable } from 'nest-gatehouse/common';
import { SessionIndex, type EndedSession } from './session-index.js';

/**
 * A `SessionIndex` that also removes, at once, what a user's epoch has ended: the records are gone, and their ends told, before whoever
 * ended them is answered. With an index that is only a `SessionIndex` these sessions are over just the same, and the next sweep removes them.
 */
export abstract class UserSweepIndex extends SessionIndex {
  /**
   * Removes at most `limit` of this user's records that are over by the user's epoch and returns them, each to one caller only, whichever
   * process asks; call again until it returns none.
   */
  abstract sweepUser(userId: string, limit: number): Awaitable<readonly EndedSession[]>;
}
