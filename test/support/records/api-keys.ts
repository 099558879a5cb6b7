import { randomBytes } from 'node:crypto';
import type { ApiKeyRecord, IdempotencyClaim } from 'nest-gatehouse/sessman/storage';
import { aHash } from 'nest-gatehouse/testing';

/** An API key of nobody's, made at the first millisecond. */
export function anApiKey(changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  return {
    id: randomBytes(10).toString('hex'),
    secretHash: aHash(),
    formerSecretHash: null,
    formerSecretUntil: 0,
    namespace: 'shop',
    scopes: ['sessions:read'],
    ownerId: null,
    createdAt: 1,
    expiresAt: null,
    lastUsedAt: null,
    ...changes,
  };
}

/** A claim of `order-1`, of the real present. */
export function aClaim(changes: Partial<IdempotencyClaim> = {}): IdempotencyClaim {
  const now = Date.now();
  const times = { now, leaseUntil: now + 30_000, expiresAt: now + 86_400_000 };
  return { keyId: 'k1', key: 'order-1', fingerprint: 'f1', owner: 'attempt-1', ...times, ...changes };
}
