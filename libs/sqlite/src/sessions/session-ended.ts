import type { EndedSession } from 'nest-gatehouse/session/storage';
import { fromText } from '../driver/sqlite-text.js';
import { valuesOf } from '../database/sqlite.database.js';

export const ENDED_SELECTION = 'handle, user_id, idle_expires_at, absolute_expires_at';

export function endedOf(row: unknown): EndedSession {
  const [handle, userId, idleExpiresAt, absoluteExpiresAt] = valuesOf(row) as [string, string | null, number, number];
  return {
    handle: fromText(handle),
    userId: userId === null ? null : fromText(userId),
    idleExpiresAt,
    absoluteExpiresAt,
  };
}
