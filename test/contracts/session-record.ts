import { randomBytes } from 'node:crypto';
import type { SessionRecord } from 'nest-gatehouse/session/storage';

export const IDLE = 30 * 60_000;
export const ABSOLUTE = 12 * 3_600_000;

/** A live anonymous session of this time, unless `changes` say otherwise. */
export function sessionAt(now: number, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    handle: aHandle(),
    secretHash: aHash(),
    formerSecretHash: null,
    formerSecretUntil: 0,
    secretIssuedAt: now,
    userId: null,
    username: null,
    userEpoch: 0,
    authTime: null,
    amr: [],
    aal: null,
    data: '{}',
    schemaVersion: 0,
    version: 1,
    fence: 0,
    createdAt: Math.min(now, changes.lastSeenAt ?? now),
    lastSeenAt: now,
    countedDay: 0,
    idleTimeout: IDLE,
    idleExpiresAt: now + IDLE,
    absoluteExpiresAt: now + ABSOLUTE,
    expiresAt: now + IDLE,
    persistent: false,
    ip: null,
    userAgent: null,
    label: null,
    ...changes,
  };
}

export function aHandle(): string {
  return randomBytes(16).toString('base64url');
}

export function aHash(): string {
  return randomBytes(32).toString('base64url');
}
