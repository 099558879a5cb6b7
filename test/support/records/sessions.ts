import type { Clock } from 'nest-gatehouse/common';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { sessionAt } from '../../contracts/session-record.js';

export { aHandle, aHash } from '../../contracts/session-record.js';

/** A session of the real present. */
export function newSession(changes: Partial<SessionRecord> = {}): SessionRecord {
  return sessionAt(Date.now(), changes);
}

/** A session of a visitor, by this clock. */
export function aRecord(clock: Clock, changes: Partial<SessionRecord> = {}): SessionRecord {
  return sessionAt(clock.now(), { ip: '192.0.2.1', userAgent: 'Mozilla/5.0', ...changes });
}
