import {
  addressKey,
  namespacePrefix,
  networkRange,
  PROGRAM_USER_PREFIX,
  type SessionFilter,
} from 'nest-gatehouse/session/storage';
import type { SqliteValue } from '../driver/sqlite.driver.js';
import { toText } from '../driver/sqlite-text.js';

/** Takes one value: the current time. */
export const IS_LIVE = `sessions.expires_at > ? AND (sessions.user_id IS NULL OR sessions.user_epoch >= ifnull(
  (SELECT epoch FROM user_epochs WHERE user_epochs.user_id = sessions.user_id), 0))`;

export interface Condition {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** Of one column; none on a side is not bounded there. */
export interface Bounds {
  readonly lower?: Condition;
  readonly upper?: Condition;
}

export const EVERYTHING: Condition = { sql: 'TRUE', values: [] };

/** No text with this prefix comes after it. */
const LAST_CHARACTERS = '\u{10FFFF}'.repeat(4);

type Name = keyof SessionFilter;

/** A condition of a filter on one column. */
interface ColumnCondition extends Condition {
  readonly name: Name;
  readonly column: string;
}

/** Whether a session is live and matches. @param now of the clock */
export function matching(filter: SessionFilter, now: number): Condition {
  return allOf([fitting(filter), { sql: IS_LIVE, values: [now] }]);
}

/** Whether a session matches, live or not. */
export function fitting(filter: SessionFilter): Condition {
  return allOf(columnConditions(filter));
}

/** As `fitting`, as far as the entry of an index with these columns tells it. @param met what need not be asked */
export function fittingEntry(filter: SessionFilter, columns: readonly string[], met: readonly Name[]): Condition {
  const told = columnConditions(filter).filter(({ column, name }) => columns.includes(column) && !met.includes(name));
  return allOf(told.map(({ sql, values }) => ({ sql: sql.replaceAll('sessions.', 'entry.'), values })));
}

/** The conditions that an entry of an index with these columns does not tell. */
export function untold(filter: SessionFilter, columns: readonly string[]): Name[] {
  return columnConditions(filter).flatMap(({ column, name }) => (columns.includes(column) ? [] : [name]));
}

function columnConditions(filter: SessionFilter): ColumnCondition[] {
  const { userId, username, usernamePrefix, state, namespace, ip, network, device } = filter;
  const conditions: ColumnCondition[] = [];
  const add = (name: Name, column: string, { sql, values }: Condition) =>
    conditions.push({ name, column, sql, values });
  if (userId !== undefined) add('userId', 'user_id', userId === null ? isNull('user_id') : equals('user_id', userId));
  if (state === 'anonymous') add('state', 'user_id', isNull('user_id'));
  if (state === 'signed-in') add('state', 'user_id', joined(ofAccounts().map(between), ' OR '));
  if (namespace !== undefined) add('namespace', 'user_id', between(beginsWith('user_id', namespacePrefix(namespace))));
  if (username !== undefined) add('username', 'username', equals('username', username));
  if (usernamePrefix !== undefined) add('usernamePrefix', 'username', between(beginsWith('username', usernamePrefix)));
  if (ip !== undefined) add('ip', 'address', atAddress(ip));
  if (network !== undefined) add('network', 'address', between(within(network)));
  if (device !== undefined) {
    add('device', 'device', { sql: 'instr(sessions.device, ?) > 0', values: [toText(device.toLowerCase())] });
  }
  return [...conditions, ...times(filter)];
}

type TimeName = 'createdAfter' | 'createdBefore' | 'lastSeenSince' | 'lastSeenBefore';

/** Conditions on `created_at` and `last_seen_at`. */
export function times(filter: SessionFilter): ColumnCondition[] {
  const conditions: ColumnCondition[] = [];
  const add = (name: TimeName, column: string, sign: string) => {
    const value = filter[name];
    if (value !== undefined) conditions.push({ name, column, sql: `sessions.${column} ${sign} ?`, values: [value] });
  };
  add('createdAfter', 'created_at', '>=');
  add('createdBefore', 'created_at', '<');
  add('lastSeenSince', 'last_seen_at', '>=');
  add('lastSeenBefore', 'last_seen_at', '<');
  return conditions;
}

/** The users of other programs, who have no account. */
export function ofPrograms(): Condition {
  return between(beginsWith('user_id', PROGRAM_USER_PREFIX));
}

/** The users with an account, as ranges of ids: all but those of programs. */
export function ofAccounts(): [Bounds, Bounds] {
  const next = `${PROGRAM_USER_PREFIX.slice(0, -1)};`;
  return [{ upper: compare('user_id', '<', PROGRAM_USER_PREFIX) }, { lower: compare('user_id', '>=', next) }];
}

export function isNull(column: string): Condition {
  return { sql: `sessions.${column} IS NULL`, values: [] };
}

/** @param value as it is in the record */
export function equals(column: string, value: string): Condition {
  return { sql: `sessions.${column} = ?`, values: [toText(value)] };
}

export function beginsWith(column: string, prefix: string): Bounds {
  const first = toText(prefix);
  return { lower: compare(column, '>=', first), upper: compare(column, '<', first + LAST_CHARACTERS) };
}

/** @throws RangeError */
export function within(network: string): Bounds {
  const { first, last } = networkRange(network);
  return { lower: compare('address', '>=', first), upper: compare('address', '<=', last) };
}

function compare(column: string, sign: string, value: string): Condition {
  return { sql: `sessions.${column} ${sign} ?`, values: [value] };
}

function between({ lower = EVERYTHING, upper = EVERYTHING }: Bounds): Condition {
  return allOf([lower, upper]);
}

export function atAddress(ip: string): Condition {
  return equals('address', addressKey(ip));
}

export function allOf(conditions: readonly Condition[]): Condition {
  return joined(conditions, ' AND ');
}

function joined(conditions: readonly Condition[], word: string): Condition {
  if (conditions.length === 0) return EVERYTHING;
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(word),
    values: conditions.flatMap(({ values }) => values),
  };
}
