import { crc32 } from 'node:zlib';
import {
  addressKey,
  deviceKey,
  frozenRecord,
  type SessionRecord,
  type SessionSummary,
} from 'nest-gatehouse/session/storage';
import { unavailable } from '../driver/sqlite-fault.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import { fromText, toText } from '../driver/sqlite-text.js';

type Kind = 'text' | 'number' | 'boolean' | 'list' | 'json';

// In the order in which `summaryOf` and `recordOf` read a row.
const SUMMARY_COLUMNS: readonly [column: string, field: keyof SessionSummary, kind: Kind][] = [
  ['handle', 'handle', 'text'],
  ['user_id', 'userId', 'text'],
  ['user_epoch', 'userEpoch', 'number'],
  ['auth_time', 'authTime', 'number'],
  ['amr', 'amr', 'list'],
  ['aal', 'aal', 'number'],
  ['version', 'version', 'number'],
  ['created_at', 'createdAt', 'number'],
  ['last_seen_at', 'lastSeenAt', 'number'],
  ['idle_timeout', 'idleTimeout', 'number'],
  ['idle_expires_at', 'idleExpiresAt', 'number'],
  ['absolute_expires_at', 'absoluteExpiresAt', 'number'],
  ['expires_at', 'expiresAt', 'number'],
  ['persistent', 'persistent', 'boolean'],
  ['ip', 'ip', 'text'],
  ['user_agent', 'userAgent', 'text'],
  ['label', 'label', 'text'],
  ['secret_issued_at', 'secretIssuedAt', 'number'],
  ['username', 'username', 'text'],
  ['counted_day', 'countedDay', 'number'],
];

const COLUMNS: readonly [column: string, field: keyof SessionRecord, kind: Kind][] = [
  ...SUMMARY_COLUMNS,
  ['secret_hash', 'secretHash', 'text'],
  ['former_secret_hash', 'formerSecretHash', 'text'],
  ['former_secret_until', 'formerSecretUntil', 'number'],
  ['schema_version', 'schemaVersion', 'number'],
  ['fence', 'fence', 'number'],
  ['data', 'data', 'json'],
];

const NO_METHODS: readonly string[] = Object.freeze([]);

/** The columns of a SELECT whose rows `summaryOf` reads. */
export const SUMMARY_SELECTION = SUMMARY_COLUMNS.map(([column]) => column).join(', ');
/** The columns of a SELECT whose rows `recordOf` reads. */
export const RECORD_SELECTION = [...COLUMNS.map(([column]) => column), 'seal', 'added_seal'].join(', ');
/** The columns of an INSERT that takes the values of `rowOf`. */
export const INSERTED_COLUMNS = `${RECORD_SELECTION}, device, address`;
export const INSERTED_PLACES = INSERTED_COLUMNS.replace(/\w+/g, '?');

export function rowOf(record: SessionRecord): SqliteValue[] {
  const values = COLUMNS.map(([, field, kind]) => toValue(record[field], kind));
  return [...values, sealOf(record), addedSealOf(record), ...placeOf(record)];
}

/** The columns `device` and `address`. */
export function placeOf({ userAgent, ip }: Pick<SessionRecord, 'userAgent' | 'ip'>): SqliteValue[] {
  return [toText(deviceKey(userAgent)), ip === null ? null : toText(addressKey(ip))];
}

/** What an UPDATE must set to turn `before` into `after`. */
export function changedColumns(
  before: SessionRecord,
  after: SessionRecord,
): { columns: string[]; values: SqliteValue[] } {
  const columns: string[] = [];
  const values: SqliteValue[] = [];
  for (const [column, field, kind] of COLUMNS) {
    if (before[field] === after[field]) continue;
    columns.push(column);
    values.push(toValue(after[field], kind));
  }
  if (columns.length > 0) {
    columns.push('seal', 'added_seal');
    values.push(sealOf(after), addedSealOf(after));
  }
  return { columns, values };
}

/** @throws StoreUnavailableError if the row is not as it was written, or is another session's */
export function recordOf(row: readonly unknown[], handle: string): SessionRecord {
  const own = SUMMARY_COLUMNS.length;
  const record = Object.assign(summaryOf(row), {
    secretHash: row[own] as string,
    formerSecretHash: row[own + 1] as string | null,
    formerSecretUntil: row[own + 2] as number,
    schemaVersion: row[own + 3] as number,
    fence: row[own + 4] as number,
    data: row[own + 5] as string,
  });
  const isIntact = sealOf(record) === row[own + 6] && addedSealOf(record) === row[own + 7];
  if (record.handle !== handle || !isIntact) throw unavailable('corrupt');
  return frozenRecord(record);
}

/** As `summaryOf`, of a row in whichever form the driver returns it. Nobody can change the result. */
export function readSummary(row: unknown): SessionSummary {
  return Object.freeze(summaryOf(valuesOf(row)));
}

/** @throws StoreUnavailableError if the row cannot be read */
function summaryOf(row: readonly unknown[]): SessionSummary {
  return {
    handle: fromText(row[0] as string),
    userId: optionalText(row[1]),
    userEpoch: row[2] as number,
    authTime: row[3] as number | null,
    amr: listOf(row[4] as string),
    aal: row[5] as number | null,
    version: row[6] as number,
    createdAt: row[7] as number,
    lastSeenAt: row[8] as number,
    idleTimeout: row[9] as number,
    idleExpiresAt: row[10] as number,
    absoluteExpiresAt: row[11] as number,
    expiresAt: row[12] as number,
    persistent: row[13] === 1,
    ip: optionalText(row[14]),
    userAgent: optionalText(row[15]),
    label: optionalText(row[16]),
    secretIssuedAt: row[17] as number,
    username: optionalText(row[18]),
    countedDay: row[19] as number,
  };
}

const numbers = new Float64Array(15);

/** A checksum of the columns of the first release, because SQLite has none: a flipped bit would go unnoticed. */
function sealOf(record: SessionRecord): number {
  numbers[0] = record.secretIssuedAt;
  numbers[1] = record.formerSecretUntil;
  numbers[2] = record.userEpoch;
  numbers[3] = record.authTime ?? -1;
  numbers[4] = record.aal ?? -1;
  numbers[5] = record.version;
  numbers[6] = record.schemaVersion;
  numbers[7] = record.fence;
  numbers[8] = record.createdAt;
  numbers[9] = record.idleTimeout;
  numbers[10] = record.absoluteExpiresAt;
  numbers[11] = record.persistent ? 1 : 0;
  numbers[12] = record.lastSeenAt;
  numbers[13] = record.idleExpiresAt;
  numbers[14] = record.expiresAt;
  const { handle, secretHash, formerSecretHash, userId, amr, ip, userAgent, label, data } = record;
  const texts = `${handle}\n${secretHash}\n${formerSecretHash}\n${userId}\n${amr.join()}\n${ip}\n${userAgent}\n${label}\n${data}`;
  return crc32(texts, crc32(numbers));
}

/**
 * The checksum of the columns that later releases have added; null while these have their default. It is apart, so that
 * rows of older releases are valid as they are, and a process that still runs one reads and changes those of this one.
 */
function addedSealOf({ handle, username, countedDay }: SessionRecord): number | null {
  return username === null && countedDay === 0 ? null : crc32(`${handle}\n${countedDay}\n${username}`);
}

function toValue(value: unknown, kind: Kind): SqliteValue {
  if (value === null) return null;
  if (kind === 'text') return toText(value as string);
  if (kind === 'boolean') return value ? 1 : 0;
  if (kind === 'list') return JSON.stringify(value);
  return value as string | number;
}

function optionalText(value: unknown): string | null {
  return value === null ? null : fromText(value as string);
}

function listOf(text: string): readonly string[] {
  if (text === '[]') return NO_METHODS;
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw unavailable('corrupt', cause);
  }
  // In a damaged row another column may stand here, such as a number.
  if (!Array.isArray(list)) throw unavailable('corrupt');
  return Object.freeze(list as string[]);
}
