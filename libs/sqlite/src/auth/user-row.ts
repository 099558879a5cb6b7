import { crc32 } from 'node:zlib';
import { newUserRecord, type UserRecord } from 'nest-gatehouse/auth/storage';
import { unavailable } from '../driver/sqlite-fault.js';
import type { SqliteValue } from '../driver/sqlite.driver.js';
import { fromOptionalText, fromText, toText } from '../driver/sqlite-text.js';

type Kind = 'text' | 'number' | 'boolean' | 'list';

// In the order in which `userOf` reads a row.
const COLUMNS: readonly [column: string, field: keyof UserRecord, kind: Kind][] = [
  ['id', 'id', 'text'],
  ['username', 'username', 'text'],
  ['canonical_username', 'canonicalUsername', 'text'],
  ['password_hash', 'passwordHash', 'text'],
  ['pepper_id', 'pepperId', 'text'],
  ['roles', 'roles', 'list'],
  ['disabled', 'disabled', 'boolean'],
  ['must_change_password', 'mustChangePassword', 'boolean'],
  ['epoch', 'epoch', 'number'],
  ['rights_changed_at', 'rightsChangedAt', 'number'],
  ['known_networks', 'knownNetworks', 'list'],
  ['created_at', 'createdAt', 'number'],
  ['password_changed_at', 'passwordChangedAt', 'number'],
  ['last_sign_in_at', 'lastSignInAt', 'number'],
  ['one_time_expires_at', 'oneTimeExpiresAt', 'number'],
  ['one_time_used_at', 'oneTimeUsedAt', 'number'],
];

/** The number of columns in the first release with accounts. */
const FIRST_COLUMNS = 14;

const NAMES = [...COLUMNS.map(([column]) => column), 'seal'];

/** The columns of a SELECT whose rows `userOf` reads, and of an INSERT or UPDATE with the values of `rowOfUser`. */
export const USER_COLUMNS = NAMES.join(', ');
export const USER_PLACES = NAMES.map(() => '?').join(', ');

export function rowOfUser(user: UserRecord): SqliteValue[] {
  const values = COLUMNS.map(([, field, kind]) => toValue(user[field] ?? null, kind));
  return [...values, sealOf(values)];
}

/** @throws StoreUnavailableError if the row is not as it was written */
export function userOf(row: readonly unknown[]): UserRecord {
  if (sealOf(row.slice(0, COLUMNS.length)) !== row[COLUMNS.length]) throw unavailable('corrupt');
  return newUserRecord({
    id: fromText(row[0] as string),
    username: fromText(row[1] as string),
    canonicalUsername: fromText(row[2] as string),
    passwordHash: fromOptionalText(row[3]),
    pepperId: fromOptionalText(row[4]),
    roles: JSON.parse(row[5] as string) as string[],
    disabled: row[6] === 1,
    mustChangePassword: row[7] === 1,
    epoch: row[8] as number,
    rightsChangedAt: row[9] as number,
    knownNetworks: JSON.parse(row[10] as string) as string[],
    createdAt: row[11] as number,
    passwordChangedAt: row[12] as number | null,
    lastSignInAt: row[13] as number | null,
    oneTimeExpiresAt: row[14] as number | null,
    oneTimeUsedAt: row[15] as number | null,
  });
}

/**
 * A checksum, because SQLite has none: a flipped bit could change a role or a password hash. Later columns are left out
 * while they are null, so that rows of older releases keep their seal.
 */
function sealOf(values: readonly unknown[]): number {
  const later = values.slice(FIRST_COLUMNS);
  const sealed = later.every((value) => value === null) ? values.slice(0, FIRST_COLUMNS) : values;
  return crc32(sealed.map(String).join('\n'));
}

function toValue(value: unknown, kind: Kind): SqliteValue {
  if (value === null) return null;
  if (kind === 'text') return toText(value as string);
  if (kind === 'boolean') return value ? 1 : 0;
  if (kind === 'list') return JSON.stringify(value);
  return value as number;
}
