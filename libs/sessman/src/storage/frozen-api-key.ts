import type { ApiKeyRecord } from './api-key-store.js';

/** A frozen copy with exactly the fields of a record. For stores. */
export function frozenApiKey(record: ApiKeyRecord): ApiKeyRecord {
  return Object.freeze({
    id: record.id,
    secretHash: record.secretHash,
    formerSecretHash: record.formerSecretHash,
    formerSecretUntil: record.formerSecretUntil,
    namespace: record.namespace,
    scopes: Object.freeze([...record.scopes]),
    ownerId: record.ownerId,
    createdAt: record.createdAt,
    expiresAt: record.expiresAt,
    lastUsedAt: record.lastUsedAt,
  });
}
