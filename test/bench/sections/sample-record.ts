import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { sessionAt } from 'nest-gatehouse/testing';

export const IDLE_TIMEOUT = 30 * 60_000;

const SESSIONS_PER_USER = 10;

/** Whose session this is, by its number. */
export function userOf(number: number): string {
  return `user-${Math.floor(number / SESSIONS_PER_USER)}`;
}

export function sampleRecord(number: number, values: object): SessionRecord {
  const now = Date.now();
  return sessionAt(now, {
    userId: userOf(number),
    authTime: now,
    amr: ['pwd'],
    aal: 1,
    data: JSON.stringify(values),
    ip: '192.0.2.1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  });
}
