import type { Fields } from '../answers/page-query.js';

/** The conditions of the list of sessions, as the console names them. */
export const SESSION_CONDITIONS = {
  user: 'User',
  userPrefix: 'User begins with',
  state: 'State',
  namespace: 'Namespace',
  ip: 'Address',
  device: 'Device',
  createdAfter: 'Created after',
  createdBefore: 'Created before',
  lastSeenBefore: 'Last seen before',
} as const;

export const SESSION_TIMES = ['createdAfter', 'createdBefore', 'lastSeenBefore'] as const;

/** Those that are there; without an account's own sort, pages and words of success. */
export function conditionsOf(fields: Fields): Record<string, string> {
  const given = Object.keys(SESSION_CONDITIONS).flatMap((name) => {
    const value = fields[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

/** Where a list goes on after something was done: its conditions, its order and its length. */
export function listOf(fields: Fields): Fields {
  return { ...conditionsOf(fields), sort: fields.sort, limit: fields.limit };
}
