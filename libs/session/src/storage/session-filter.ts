import { addressKey, networkRange } from './address-key.js';
import { deviceKey } from './device-name.js';
import { isProgramUser, namespacePrefix } from './program-user.js';
import type { SessionFilter } from './session-index.js';
import type { SessionSummary } from './session-record.js';

/** A session meets every condition. */
export type SessionMatcher = (session: SessionSummary) => boolean;

/** Whether sessions meet every given condition, in this process. @throws RangeError for a `network` that is none */
export function sessionMatcher(filter: SessionFilter): SessionMatcher {
  const conditions = [
    ...ownerConditions(filter),
    ...placeConditions(filter),
    ...timeConditions('createdAt', filter.createdAfter, filter.createdBefore),
    ...timeConditions('lastSeenAt', filter.lastSeenSince, filter.lastSeenBefore),
  ];
  return (session) => conditions.every((meets) => meets(session));
}

/**
 * The filter with the bounds that follow from those it has, because no session is seen before it is created: one that
 * was last seen before a time was created before it, and one that was created after a time was seen after it. A walk along
 * either time then begins where the first match can be.
 */
export function withImpliedBounds(filter: SessionFilter): SessionFilter {
  const { createdAfter, createdBefore, lastSeenSince, lastSeenBefore } = filter;
  return {
    ...filter,
    createdBefore: furthest(Math.min, createdBefore, lastSeenBefore),
    lastSeenSince: furthest(Math.max, lastSeenSince, createdAfter),
  };
}

function furthest(of: (...bounds: number[]) => number, ...bounds: (number | undefined)[]): number | undefined {
  const given = bounds.filter((bound) => bound !== undefined);
  return given.length === 0 ? undefined : of(...given);
}

/** Whether any condition is given. */
export function isEmptyFilter({ state, ...filter }: SessionFilter): boolean {
  return (state ?? 'live') === 'live' && Object.values(filter).every((condition) => condition === undefined);
}

function ownerConditions({ userId, username, usernamePrefix, state, namespace }: SessionFilter): SessionMatcher[] {
  const conditions: SessionMatcher[] = [];
  if (userId !== undefined) conditions.push((session) => session.userId === userId);
  if (username !== undefined) conditions.push((session) => session.username === username);
  if (usernamePrefix !== undefined) conditions.push((session) => session.username?.startsWith(usernamePrefix) ?? false);
  if (state === 'anonymous') conditions.push((session) => session.userId === null);
  if (state === 'signed-in') conditions.push(({ userId: id }) => id !== null && !isProgramUser(id));
  if (namespace !== undefined) {
    const prefix = namespacePrefix(namespace);
    conditions.push((session) => session.userId?.startsWith(prefix) ?? false);
  }
  return conditions;
}

function placeConditions({ ip, network, device }: SessionFilter): SessionMatcher[] {
  const conditions: SessionMatcher[] = [];
  if (ip !== undefined) conditions.push((session) => session.ip === ip);
  if (network !== undefined) {
    const { first, last } = networkRange(network);
    conditions.push((session) => {
      const key = session.ip === null ? '' : addressKey(session.ip);
      return key >= first && key <= last;
    });
  }
  if (device !== undefined) {
    const part = device.toLowerCase();
    conditions.push((session) => deviceKey(session.userAgent).includes(part));
  }
  return conditions;
}

/** @param since inclusive @param before exclusive */
function timeConditions(
  field: 'createdAt' | 'lastSeenAt',
  since: number | undefined,
  before: number | undefined,
): SessionMatcher[] {
  const conditions: SessionMatcher[] = [];
  if (since !== undefined) conditions.push((session) => session[field] >= since);
  if (before !== undefined) conditions.push((session) => session[field] < before);
  return conditions;
}
