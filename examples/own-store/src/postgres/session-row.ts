import { addressKey, anonymousBytes, deviceKey, type SessionRecord } from 'nest-gatehouse/session/storage';
import { name, sql, type Sql } from './sql.js';

/** The record is JSON; beside it are the columns by which sessions are found. */
export interface SessionRow {
  readonly record: string;
}

export const COLUMNS = sql`(handle, record, user_id, user_epoch, username, address, device, bytes, created_at, last_seen_at, expires_at)`;

export function columnsOf(record: SessionRecord): Sql {
  const { handle, userId, userEpoch, username, ip, userAgent, data, createdAt, lastSeenAt, expiresAt } = record;
  const user = sql`${userId && name(userId)}::text, ${userEpoch}::float8, ${username && name(username)}::text`;
  const place = sql`${ip && addressKey(ip)}::text, ${deviceKey(userAgent)}::text, ${anonymousBytes(data)}::integer`;
  const times = sql`${createdAt}::float8, ${lastSeenAt}::float8, ${expiresAt}::float8`;
  return sql`(${handle}::text, ${JSON.stringify(record)}::text, ${user}, ${place}, ${times})`;
}

export function recordOf({ record }: SessionRow): SessionRecord {
  return JSON.parse(record) as SessionRecord;
}

/** A session is live until it expires, or its user's epoch is higher than its own. */
export function isLive(): Sql {
  return sql`expires_at > ${Date.now()} AND user_epoch >= coalesce(${epochOfUser}, 0)`;
}

const epochOfUser = sql`(SELECT epoch FROM user_epochs WHERE user_epochs.user_id = sessions.user_id)`;

/** Null unless the epoch of its user has ended the session. */
export const reasonOfEpoch = sql`(
  SELECT reason FROM user_epochs
  WHERE user_epochs.user_id = sessions.user_id AND user_epochs.epoch > sessions.user_epoch
)`;
