import type { SessionConditions } from '../sessions/session-query.js';
import { iso } from '../terms/times.js';

const TIMES: ReadonlySet<string> = new Set(['createdAfter', 'createdBefore', 'lastSeenBefore']);
/** Names of people do not stand in a detail, where nobody would find them when an account is deleted. */
const NAMES: ReadonlySet<string> = new Set(['user', 'userPrefix']);

/** A filter as the audit trail has it, such as `state=anonymous ip=192.0.2.0/24`. */
export function describeFilter(conditions: SessionConditions): string {
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined);
  if (given.length === 0) return 'all sessions';
  return given.map(([name, value]) => described(name, value)).join(' ');
}

function described(name: string, value: string | number): string {
  if (NAMES.has(name)) return name;
  return `${name}=${TIMES.has(name) ? iso(value as number) : value}`;
}
