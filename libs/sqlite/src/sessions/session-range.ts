import { namespacePrefix, type SessionFilter, withImpliedBounds } from 'nest-gatehouse/session/storage';
import {
  allOf,
  atAddress,
  beginsWith,
  equals,
  EVERYTHING,
  fittingEntry,
  isNull,
  ofAccounts,
  times,
  untold,
  within,
  type Bounds,
  type Condition,
} from './session-sql.js';

export type TimeColumn = 'created_at' | 'last_seen_at';
type Conditions = readonly (keyof SessionFilter)[];

/** A stretch of an index. The bounds are apart: of two on one side SQLite may take the worse one. */
export interface Part {
  /** What all of its entries meet, beside the bounds. */
  readonly always: Condition;
  /** Bounds of the first of the range's keys. */
  readonly lower: Condition;
  readonly upper: Condition;
}

/** The sessions that meet some conditions of a filter, as they are in an index. */
export interface Range {
  readonly index: string;
  /** Each part is in the order of these columns. */
  readonly keys: readonly string[];
  /** What an entry of the index tells of its session. */
  readonly columns: readonly string[];
  /** They have no session in common. */
  readonly parts: readonly Part[];
  /** By what time each part is in order; null: by none. */
  readonly order: TimeColumn | null;
  /** The conditions that all of its sessions meet. */
  readonly meets: Conditions;
  /** Those of them by which the index need not be read as a whole. */
  readonly narrows: Conditions;
}

/**
 * Every range in which all matching sessions are, the narrower ones first.
 * @param devices the names that contain what the filter looks for; null if they are too many to be looked up
 */
export function rangesOf(given: SessionFilter, devices: readonly string[] | null): Range[] {
  const filter = withImpliedBounds(given);
  const { userId, username, usernamePrefix, state, namespace, ip, network, device } = filter;
  const ranges: Range[] = [];
  const ordered = (lead: string, parts: readonly Condition[], meets: Conditions) =>
    ranges.push(byCreation(filter, lead, parts, meets));
  const unordered = (lead: string, bounds: readonly Bounds[], meets: Conditions) =>
    // In a range of many users an implied bound would be asked of each entry.
    ranges.push(byLead(given, lead, bounds, meets));

  if (typeof userId === 'string') ordered('user_id', [equals('user_id', userId)], ['userId']);
  if (username !== undefined) ordered('username', [equals('username', username)], ['username']);
  if (ip !== undefined) ordered('address', [atAddress(ip)], ['ip']);
  if (userId === null || state === 'anonymous') {
    const meets: Conditions = [
      userId === null ? 'userId' : 'state',
      ...(state === 'signed-in' ? [] : ['state' as const]),
    ];
    ordered('user_id', [isNull('user_id')], meets);
    ranges.push(byLastUse(filter, 'sessions_anonymous', isNull('user_id'), meets));
  }
  if (device !== undefined && devices !== null) {
    const parts = devices.map((name) => ({ sql: 'sessions.device = ?', values: [name] }));
    ordered('device', parts, ['device']);
  }
  if (network !== undefined) unordered('address', [within(network)], ['network']);
  if (namespace !== undefined) unordered('user_id', [beginsWith('user_id', namespacePrefix(namespace))], ['namespace']);
  if (usernamePrefix !== undefined) unordered('username', [beginsWith('username', usernamePrefix)], ['usernamePrefix']);
  if (state === 'signed-in') unordered('user_id', ofAccounts(), ['state']);
  ranges.push(byLastUse(filter, 'sessions_by_last_use', EVERYTHING, []));
  ranges.push(byCreation(filter, null, [EVERYTHING], []));
  return ranges;
}

/** Whether the range, and the entries in it, tell exactly which sessions fit the filter. */
export function isWhole({ meets, columns }: Range, filter: SessionFilter): boolean {
  return untold(filter, columns).every((name) => meets.includes(name));
}

/** Whether its sessions are exactly those that fit the filter. */
export function isExact({ meets }: Range, filter: SessionFilter): boolean {
  return untold(filter, []).every((name) => meets.includes(name));
}

/** What is to be asked of its entries. */
export function askedOf({ columns, meets }: Range, filter: SessionFilter): Condition {
  return fittingEntry(filter, columns, meets);
}

/** The ranges that leave something out. */
export function narrowing(ranges: readonly Range[], filter: SessionFilter): Range[] {
  return ranges.filter(({ narrows }) => narrows.some((name) => filter[name] !== undefined));
}

const INDEXES: Readonly<Record<string, string>> = { user_id: 'sessions_by_user' };
// The others are of few sessions, or of one user each.
const WITH_USER: ReadonlySet<string | null> = new Set([null, 'device', 'address']);

function byCreation(filter: SessionFilter, lead: string | null, equal: readonly Condition[], meets: Conditions): Range {
  const { createdAfter, createdBefore } = filter;
  const bounds = { lower: allOf(times({ createdAfter })), upper: allOf(times({ createdBefore })) };
  return {
    ...ofIndex(lead),
    keys: ['created_at', 'handle'],
    parts: equal.map((always) => ({ always, ...bounds })),
    order: 'created_at',
    meets: [...meets, 'createdAfter', 'createdBefore'],
    narrows: [...meets, 'createdAfter', 'createdBefore'],
  };
}

function byLead(filter: SessionFilter, lead: string, bounds: readonly Bounds[], meets: Conditions): Range {
  const { createdAfter, createdBefore } = filter;
  const always = allOf(times({ createdAfter, createdBefore }));
  return {
    ...ofIndex(lead),
    keys: [lead, 'created_at', 'handle'],
    parts: bounds.map(({ lower = EVERYTHING, upper = EVERYTHING }) => ({ always, lower, upper })),
    order: null,
    meets: [...meets, 'createdAfter', 'createdBefore'],
    narrows: meets,
  };
}

function ofIndex(lead: string | null): Pick<Range, 'index' | 'columns'> {
  const index = lead === null ? 'sessions_by_creation' : (INDEXES[lead] ?? `sessions_by_${lead}`);
  return { index, columns: columnsOf(lead) };
}

function columnsOf(lead: string | null): string[] {
  const columns = ['created_at', 'handle', ...(WITH_USER.has(lead) ? ['user_id'] : [])];
  return lead === null ? columns : [lead, ...columns];
}

function byLastUse(filter: SessionFilter, index: string, part: Condition, meets: Conditions): Range {
  const { createdAfter, createdBefore, lastSeenSince, lastSeenBefore } = filter;
  const always = allOf([part, ...times({ createdAfter, createdBefore })]);
  const bounds = { lower: allOf(times({ lastSeenSince })), upper: allOf(times({ lastSeenBefore })) };
  return {
    index,
    keys: ['last_seen_at', 'handle'],
    columns: ['last_seen_at', 'handle', 'created_at', 'user_id'],
    parts: [{ always, ...bounds }],
    order: 'last_seen_at',
    meets: [...meets, 'createdAfter', 'createdBefore', 'lastSeenSince', 'lastSeenBefore'],
    narrows: [...meets, 'lastSeenSince', 'lastSeenBefore'],
  };
}
