import type { Clock } from 'nest-gatehouse/common';
import type { EndedSession, EndReason } from 'nest-gatehouse/session/storage';
import { readSummary, SUMMARY_SELECTION } from '../schema/session-row.js';
import { inSmallerSteps } from '../database/smaller-steps.js';
import { toText } from '../driver/sqlite-text.js';
import type { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';

const EXPIRED = `DELETE FROM sessions WHERE id IN (
  SELECT id FROM sessions INDEXED BY sessions_by_end WHERE expires_at <= ? ORDER BY expires_at LIMIT ?
) RETURNING ${SUMMARY_SELECTION}`;
const REVOKED_USER = 'SELECT user_id, epoch, reason FROM user_epochs WHERE swept < epoch LIMIT 1';
const USER = 'SELECT user_id, epoch, reason FROM user_epochs WHERE user_id = ? AND swept < epoch';
const REVOKED = `DELETE FROM sessions WHERE id IN (
  SELECT id FROM sessions INDEXED BY sessions_by_user WHERE user_id = ? AND user_epoch < ? LIMIT ?
) RETURNING ${SUMMARY_SELECTION}`;
const SWEPT = 'UPDATE user_epochs SET swept = epoch WHERE user_id = ?';
const OVERDUE_LOCKS = `DELETE FROM locks WHERE key IN (
  SELECT key FROM locks INDEXED BY locks_by_end WHERE expires_at <= ? LIMIT ?)`;

/** The user id in its stored form, the epoch, and why it was raised. */
type RevokedUser = [string, number, EndReason | null];

// Bounds the transaction if many users have no sessions left to remove.
const MAX_USERS = 200;

/** Removes expired sessions, sessions revoked by their user's epoch, and leases that were never released. */
export class SessionSweep {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock,
  ) {}

  async run(limit: number): Promise<readonly EndedSession[]> {
    for (;;) {
      const { ended, finished } = await inSmallerSteps(limit, (some) =>
        this.database.write(() => this.#step(some), 'default', 'end'),
      );
      if (ended.length > 0 || finished) return ended;
    }
  }

  /** Removes what one user's epoch has revoked, and nothing else. The removal is durable once this resolves. */
  ofUser(userId: string, limit: number): Promise<readonly EndedSession[]> {
    const remove = (some: number) => {
      const user = this.database.statement(USER, true).get(toText(userId));
      return user === undefined ? [] : this.#remove(valuesOf(user) as RevokedUser, some);
    };
    return inSmallerSteps(limit, (some) => this.database.write(() => remove(some), 'durable', 'end'));
  }

  #step(limit: number): { ended: EndedSession[]; finished: boolean } {
    const now = this.clock.now();
    this.database.statement(OVERDUE_LOCKS).run(now, limit);
    const ended = this.database.statement(EXPIRED, true).all(now, limit).map(readSummary);
    const finished = this.#sweepRevoked(limit, ended);
    return { ended, finished };
  }

  /** Adds to `ended`; false if there may be more. */
  #sweepRevoked(limit: number, ended: EndedSession[]): boolean {
    for (let users = 0; users < Math.min(MAX_USERS, limit) && ended.length < limit; users++) {
      const user = this.database.statement(REVOKED_USER, true).get();
      if (user === undefined) return true;
      ended.push(...this.#remove(valuesOf(user) as RevokedUser, limit - ended.length));
    }
    return false;
  }

  #remove([userId, epoch, reason]: RevokedUser, limit: number): EndedSession[] {
    const removed = this.database.statement(REVOKED, true).all(userId, epoch, limit).map(readSummary);
    if (removed.length < limit) this.database.statement(SWEPT).run(userId);
    return reason === null ? removed : removed.map((session) => ({ ...session, revokedBecause: reason }));
  }
}
