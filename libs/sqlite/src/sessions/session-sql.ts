import type { SessionFilter, SessionSort } from 'nest-gatehouse/session/storage';
import type { SqliteValue } from '../driver/sqlite.driver.js';
import { toText } from '../driver/sqlite-text.js';

/** Takes one value: the current time. */
export const IS_LIVE = `expires_at > ? AND (user_id IS NULL OR user_epoch >= ifnull(
  (SELECT epoch FROM user_epochs WHERE user_epochs.user_id = sessions.user_id), 0))`;

export interface Condition {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** An index to walk along, and the condition on its leading columns. */
export interface Walk {
  readonly index: string;
  /** The time column by which the index is ordered. */
  readonly time: 'created_at' | 'last_seen_at';
  readonly equal: Condition;
}

export const EVERYTHING: Condition = { sql: 'TRUE', values: [] };

/**
 * The index that reads the fewest other sessions on the way to the matching ones; ordered by `sort` unless that means
 * reading all sessions.
 */
export function walkFor(filter: SessionFilter, sort: SessionSort | null): Walk {
  const byUser = userCondition(filter.userId);
  const seen = seenCondition(filter);
  // There may be as many anonymous sessions as there are sessions; those of one user or address are few enough to sort.
  if (byUser && (sort !== 'lastSeenAt' || filter.userId !== null)) {
    return { index: 'sessions_by_user', time: 'created_at', equal: byUser };
  }
  if (filter.ip !== undefined) {
    return { index: 'sessions_by_address', time: 'created_at', equal: { sql: 'ip = ?', values: [toText(filter.ip)] } };
  }
  return sort === 'lastSeenAt' || (sort === null && filter.lastSeenBefore !== undefined)
    ? { index: 'sessions_by_last_use', time: 'last_seen_at', equal: seen }
    : { index: 'sessions_by_creation', time: 'created_at', equal: EVERYTHING };
}

/** Whether a session is live and matches. */
export function matching(filter: SessionFilter, now: number): Condition {
  const conditions: Condition[] = [{ sql: IS_LIVE, values: [now] }, seenCondition(filter)];
  const byUser = userCondition(filter.userId);
  if (byUser) conditions.push(byUser);
  if (filter.ip !== undefined) conditions.push({ sql: 'ip = ?', values: [toText(filter.ip)] });
  return allOf(conditions);
}

export function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  };
}

function userCondition(userId: string | null | undefined): Condition | null {
  if (userId === undefined) return null;
  return userId === null ? { sql: 'user_id IS NULL', values: [] } : { sql: 'user_id = ?', values: [toText(userId)] };
}

function seenCondition({ lastSeenBefore, lastSeenSince }: SessionFilter): Condition {
  const conditions: Condition[] = [EVERYTHING];
  if (lastSeenBefore !== undefined) conditions.push({ sql: 'last_seen_at < ?', values: [lastSeenBefore] });
  if (lastSeenSince !== undefined) conditions.push({ sql: 'last_seen_at >= ?', values: [lastSeenSince] });
  return allOf(conditions);
}
