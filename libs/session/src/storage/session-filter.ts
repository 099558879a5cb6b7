import type { SessionFilter } from './session-index.js';
import type { SessionSummary } from './session-record.js';

/** Whether a session meets every given condition. */
export function matchesFilter(session: SessionSummary, filter: SessionFilter): boolean {
  return (
    (filter.userId === undefined || session.userId === filter.userId) &&
    (filter.ip === undefined || session.ip === filter.ip) &&
    (filter.lastSeenBefore === undefined || session.lastSeenAt < filter.lastSeenBefore) &&
    (filter.lastSeenSince === undefined || session.lastSeenAt >= filter.lastSeenSince)
  );
}
