import type { EndReason } from '../storage/end-reason.js';
import type { SessionCause, SessionEventMap } from './session.events.js';
import type { EndedSession } from '../storage/session-index.js';
import { expiryOf } from './new-record.js';

/**
 * Why a session that a sweep has removed had ended. If neither of its two ends had come, its user's epoch was raised.
 * @param revoked why, if the store does not know it
 */
export function sweptReason(ended: EndedSession, now: number, revoked: EndReason = 'administrator'): EndReason {
  return expiryOf(ended, now) ?? ended.revokedBecause ?? revoked;
}

/** The event of the end of this session. */
export function endOf(
  session: EndedSession,
  reason: EndReason,
  cause?: SessionCause,
): SessionEventMap['session.ended'] {
  return { ...cause, handle: session.handle, userId: session.userId, reason, session };
}
