import { crc32 } from 'node:zlib';
import { type ApiKeyRecord, type ApiKeyScope, frozenApiKey } from 'nest-gatehouse/sessman/storage';
import { unavailable } from '../driver/sqlite-fault.js';
import type { SqliteValue } from '../driver/sqlite.driver.js';
import { fromOptionalText, fromText, toOptionalText, toText } from '../driver/sqlite-text.js';

/** The number of columns under the seal; the last use is not, so that it can be set without reading the row. */
const SEALED = 9;

/** The columns of a SELECT whose rows `apiKeyOf` reads, and of an INSERT with the values of `rowOfApiKey`. */
export const API_KEY_COLUMNS =
  'id, secret_hash, former_secret_hash, former_secret_until, namespace, scopes, owner_id, created_at, expires_at, ' +
  'last_used_at, seal';
export const API_KEY_PLACES = API_KEY_COLUMNS.replace(/\w+/g, '?');

export function rowOfApiKey(key: ApiKeyRecord): SqliteValue[] {
  const sealed = [
    toText(key.id),
    key.secretHash,
    key.formerSecretHash,
    key.formerSecretUntil,
    toText(key.namespace),
    JSON.stringify(key.scopes),
    toOptionalText(key.ownerId),
    key.createdAt,
    key.expiresAt,
  ];
  return [...sealed, key.lastUsedAt, sealOf(sealed)];
}

/** @throws StoreUnavailableError if the row is not as it was written */
export function apiKeyOf(row: readonly unknown[]): ApiKeyRecord {
  if (sealOf(row.slice(0, SEALED)) !== row[SEALED + 1]) throw unavailable('corrupt');
  return frozenApiKey({
    id: fromText(row[0] as string),
    secretHash: row[1] as string,
    formerSecretHash: row[2] as string | null,
    formerSecretUntil: row[3] as number,
    namespace: fromText(row[4] as string),
    scopes: JSON.parse(row[5] as string) as ApiKeyScope[],
    ownerId: fromOptionalText(row[6]),
    createdAt: row[7] as number,
    expiresAt: row[8] as number | null,
    lastUsedAt: row[9] as number | null,
  });
}

/** A checksum, because SQLite has none: a flipped bit could change a scope, an owner or an expiry. */
function sealOf(values: readonly unknown[]): number {
  return crc32(values.map(String).join('\n'));
}
