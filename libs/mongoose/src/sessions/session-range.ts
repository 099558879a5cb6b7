import {
  addressKey,
  namespacePrefix,
  PROGRAM_USER_PREFIX,
  type SessionFilter,
  type SessionSort,
  withImpliedBounds,
} from 'nest-gatehouse/session/storage';
import { INDEX_KEYS, type IndexKeys } from '../schema/session.schema.js';
import { ANONYMOUS, beginsWith, times, within, type Conditions } from './session-conditions.js';

type Names = readonly (keyof SessionFilter)[];

/** The sessions that meet some conditions of a filter, as they are in an index. */
export interface Range {
  readonly index: IndexKeys;
  /** They have no session in common. */
  readonly parts: readonly (readonly Conditions[])[];
  /** By what time they are in order; null: by none. */
  readonly order: SessionSort | null;
  /** The conditions that all of its sessions meet. */
  readonly meets: Names;
}

/** Every range in which all matching sessions are, the narrower ones first. @param devices as of `fitting` */
export function rangesOf(given: SessionFilter, devices: readonly string[] | null): Range[] {
  const filter = withImpliedBounds(given);
  const { userId, username, usernamePrefix, state, namespace, ip, network, device } = filter;
  const ranges: Range[] = [];
  const add = (index: IndexKeys, order: SessionSort | null, meets: Names, ...parts: Conditions[]) =>
    // In a range of many users an implied bound would cost a step for each of them.
    ranges.push(inRange(order === null ? given : filter, index, order, meets, parts));
  const { user, name, place, appliance, creation, use, anonymous } = INDEX_KEYS;

  if (typeof userId === 'string') add(user, 'createdAt', ['userId'], { userId });
  if (username !== undefined) add(name, 'createdAt', ['username'], { username });
  if (ip !== undefined) add(place, 'createdAt', ['ip'], { address: addressKey(ip) });
  if (userId === null || state === 'anonymous') {
    const meets: Names = [userId === null ? 'userId' : 'state', ...(state === 'signed-in' ? [] : ['state' as const])];
    add(anonymous, 'lastSeenAt', meets, ANONYMOUS);
  }
  if (device !== undefined && devices !== null) {
    add(appliance, 'createdAt', ['device'], { device: { $in: [...devices] } });
  }
  if (network !== undefined) add(place, null, ['network'], { address: within(network) });
  if (namespace !== undefined) add(user, null, ['namespace'], { userId: beginsWith(namespacePrefix(namespace)) });
  if (usernamePrefix !== undefined) add(name, null, ['usernamePrefix'], { username: beginsWith(usernamePrefix) });
  if (state === 'signed-in') {
    const { $gte, $lt } = beginsWith(PROGRAM_USER_PREFIX);
    add(user, null, ['state'], { userId: { $gte: '', $lt: $gte } }, { userId: { $gte: $lt } });
  }
  add(use, 'lastSeenAt', []);
  add(creation, 'createdAt', []);
  return ranges;
}

/** Whether its sessions are exactly those that fit the filter. */
export function isWhole({ meets }: Range, filter: SessionFilter): boolean {
  return Object.entries(filter).every(([name, value]) => {
    const isGiven = value !== undefined && !(name === 'state' && value === 'live');
    return !isGiven || meets.includes(name as keyof SessionFilter);
  });
}

/** Whether the keys of its index tell whether a session meets these conditions, so that no document need be read. */
export function isTold({ index }: Range, conditions: readonly Conditions[]): boolean {
  return conditions.every((condition) => Object.keys(condition).every((field) => field in index));
}

/** The ranges that leave something out. */
export function narrowing(ranges: readonly Range[], filter: SessionFilter): Range[] {
  return ranges.filter(({ meets }) => meets.some((name) => filter[name] !== undefined));
}

function inRange(
  filter: SessionFilter,
  index: IndexKeys,
  order: SessionSort | null,
  meets: Names,
  parts: readonly Conditions[],
): Range {
  const { createdAfter, createdBefore, lastSeenSince, lastSeenBefore } = filter;
  const created = 'createdAt' in index;
  const bounds = times(created ? { createdAfter, createdBefore } : { lastSeenSince, lastSeenBefore });
  const bounded: Names = created ? ['createdAfter', 'createdBefore'] : ['lastSeenSince', 'lastSeenBefore'];
  return {
    index,
    parts: parts.length === 0 ? [bounds] : parts.map((part) => [part, ...bounds]),
    order,
    meets: [...meets, ...bounded],
  };
}
