import type { Clock } from 'nest-gatehouse/common';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { sessionAt } from 'nest-gatehouse/testing';

export { aHandle, aHash } from 'nest-gatehouse/testing';

/** A session of the real present. */
export function newSession(changes: Partial<SessionRecord> = {}): SessionRecord {
  return sessionAt(Date.now(), changes);
}

/** A session of a visitor, by this clock. */
export function aRecord(clock: Clock, changes: Partial<SessionRecord> = {}): SessionRecord {
  return sessionAt(clock.now(), { ip: '192.0.2.1', userAgent: 'Mozilla/5.0', ...changes });
}
