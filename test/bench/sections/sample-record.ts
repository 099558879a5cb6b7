import { randomBytes } from 'node:crypto';
import type { SessionRecord } from 'nest-gatehouse/session/storage';

const SESSIONS_PER_USER = 10;
const ABSOLUTE_TIMEOUT = 12 * 3_600_000;
export const IDLE_TIMEOUT = 30 * 60_000;

/** Whose session this is, by its number. */
export function userOf(number: number): string {
  return `user-${Math.floor(number / SESSIONS_PER_USER)}`;
}

export function sampleRecord(number: number, values: object): SessionRecord {
  const now = Date.now();
  return {
    handle: randomBytes(16).toString('base64url'),
    secretHash: randomBytes(32).toString('base64url'),
    formerSecretHash: null,
    formerSecretUntil: 0,
    secretIssuedAt: now,
    userId: userOf(number),
    userEpoch: 0,
    authTime: now,
    amr: ['pwd'],
    aal: 1,
    data: JSON.stringify(values),
    schemaVersion: 0,
    version: 1,
    fence: 0,
    createdAt: now,
    lastSeenAt: now,
    idleTimeout: IDLE_TIMEOUT,
    idleExpiresAt: now + IDLE_TIMEOUT,
    absoluteExpiresAt: now + ABSOLUTE_TIMEOUT,
    expiresAt: now + IDLE_TIMEOUT,
    persistent: false,
    ip: '192.0.2.1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    label: null,
  };
}
