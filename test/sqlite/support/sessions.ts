import { randomBytes } from 'node:crypto';
import type { SessionRecord } from 'nest-gatehouse/session/storage';

/** A session of the real present. */
export function newSession(changes: Partial<SessionRecord> = {}): SessionRecord {
  const now = Date.now();
  return {
    handle: randomBytes(16).toString('base64url'),
    secretHash: randomBytes(32).toString('base64url'),
    formerSecretHash: null,
    formerSecretUntil: 0,
    secretIssuedAt: now,
    userId: null,
    userEpoch: 0,
    authTime: null,
    amr: [],
    aal: null,
    data: '{}',
    schemaVersion: 0,
    version: 1,
    fence: 0,
    createdAt: now,
    lastSeenAt: now,
    idleTimeout: 1_800_000,
    idleExpiresAt: now + 1_800_000,
    absoluteExpiresAt: now + 43_200_000,
    expiresAt: now + 1_800_000,
    persistent: false,
    ip: null,
    userAgent: null,
    label: null,
    ...changes,
  };
}
