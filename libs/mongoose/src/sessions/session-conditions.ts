import type { mongo } from 'mongoose';
import {
  addressKey,
  namespacePrefix,
  networkRange,
  type PagePosition,
  PROGRAM_USER_PREFIX,
  type SessionFilter,
  type SessionOrder,
  type SessionSort,
} from 'nest-gatehouse/session/storage';
import type { SessionDocument } from '../schema/session.schema.js';

export type Conditions = mongo.Filter<SessionDocument>;

export const ANONYMOUS = { anonymous: true } as const;

/** No text with this prefix comes after it. */
const LAST_CHARACTERS = '\u{10FFFF}'.repeat(4);
// The keys of an index tell this; for `$not` the server reads the documents.
const NO_PROGRAM_USER = new RegExp(`^(?!${PROGRAM_USER_PREFIX})`);

/** What live sessions meet. */
export function isLive(now: number): Conditions {
  return { expiresAt: { $gt: new Date(now) }, revoked: null as never };
}

/**
 * What the filter asks for, live or not.
 * @param devices the names that contain what it looks for; null if they are too many to be looked up
 */
export function fitting(filter: SessionFilter, devices: readonly string[] | null): Conditions[] {
  const { userId, username, usernamePrefix, state, namespace, ip, network, device } = filter;
  const conditions: Conditions[] = [];
  if (userId !== undefined) conditions.push(userId === null ? ANONYMOUS : { userId });
  if (state === 'anonymous') conditions.push(ANONYMOUS);
  if (state === 'signed-in') conditions.push({ userId: { $gte: '', $regex: NO_PROGRAM_USER } });
  if (namespace !== undefined) conditions.push({ userId: beginsWith(namespacePrefix(namespace)) });
  if (username !== undefined) conditions.push({ username });
  if (usernamePrefix !== undefined) conditions.push({ username: beginsWith(usernamePrefix) });
  if (ip !== undefined) conditions.push({ address: addressKey(ip) });
  if (network !== undefined) conditions.push({ address: within(network) });
  if (device !== undefined) {
    conditions.push({ device: devices ? { $in: [...devices] } : { $regex: literal(device.toLowerCase()) } });
  }
  return [...conditions, ...times(filter)];
}

export function times(filter: SessionFilter): Conditions[] {
  const { createdAfter, createdBefore, lastSeenSince, lastSeenBefore } = filter;
  const conditions: Conditions[] = [];
  const add = (field: SessionSort, operator: '$gte' | '$lt', value: number | undefined) => {
    if (value !== undefined) conditions.push({ [field]: { [operator]: new Date(value) } });
  };
  add('createdAt', '$gte', createdAfter);
  add('createdAt', '$lt', createdBefore);
  add('lastSeenAt', '$gte', lastSeenSince);
  add('lastSeenAt', '$lt', lastSeenBefore);
  return conditions;
}

export function beginsWith(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: prefix + LAST_CHARACTERS };
}

/** @throws RangeError */
export function within(network: string): { $gte: string; $lte: string } {
  const { first, last } = networkRange(network);
  return { $gte: first, $lte: last };
}

export function allOf(conditions: readonly Conditions[]): Conditions {
  return conditions.length === 0 ? {} : { $and: [...conditions] };
}

/** The rest of a list behind this position. */
export function after(sort: SessionSort, { time, handle }: PagePosition, order: SessionOrder): Conditions {
  const beyond = order === 'descending' ? '$lt' : '$gt';
  const at = new Date(time);
  return {
    $and: [
      { [sort]: { [`${beyond}e`]: at } },
      { $or: [{ [sort]: { [beyond]: at } }, { [sort]: at, _id: { [beyond]: handle } }] },
    ],
  };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
