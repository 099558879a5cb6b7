import type { EndReason, SessionCause, SessionEventMap } from './session.events.js';
import type { EndedSession } from '../storage/session-index.js';
import { expiryOf } from './new-record.js';

/**
 * Why a session that a sweep has removed had ended. If neither of its two ends had come, its user's epoch was raised.
 */
export function sweptReason(ended: EndedSession, now: number): EndReason {
  return expiryOf(ended, now) ?? 'revoked';
}

/** The event of the end of this session. */
export function endOf(
  session: EndedSession,
  reason: EndReason,
  cause?: SessionCause,
): SessionEventMap['session.ended'] {
  return { ...cause, handle: session.handle, userId: session.userId, reason, session };
}
