import type { ApiKeyRecord } from '../storage/api-key-store.js';

/** What may be shown of a key. Times are milliseconds since the epoch. */
export interface ApiKeyInfo extends Omit<ApiKeyRecord, 'secretHash' | 'formerSecretHash'> {
  /** The owner's username; null if there is no owner, or the account is gone. */
  readonly owner: string | null;
}

export interface IssuedApiKey extends ApiKeyInfo {
  /** `gh_<id>_<secret>`: to be shown once; it is kept nowhere. */
  readonly key: string;
}

export interface ApiKeyInfoList {
  /** Newest first, with those that have expired. */
  readonly items: readonly ApiKeyInfo[];
  readonly next: string | null;
}

export function infoOf(record: ApiKeyRecord, owner: string | null): ApiKeyInfo {
  const { id, formerSecretUntil, namespace, scopes, ownerId, createdAt, expiresAt, lastUsedAt } = record;
  return { id, formerSecretUntil, namespace, scopes: [...scopes], ownerId, owner, createdAt, expiresAt, lastUsedAt };
}
