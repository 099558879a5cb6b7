import type { EndReason } from '../storage/end-reason.js';
import type { SessionCause, SessionEventMap } from './session.events.js';
import type { EndedSession } from '../storage/session-index.js';
import { expiryOf } from './new-record.js';

/**
 * Why a session that a sweep has removed had ended. @param revoked why its user's epoch was raised, which has ended it if
 * neither of its two ends had come
 */
export function sweptReason(ended: EndedSession, now: number, revoked: EndReason = 'administrator'): EndReason {
  return expiryOf(ended, now) ?? revoked;
}

/** The event of the end of this session. */
export function endOf(
  session: EndedSession,
  reason: EndReason,
  cause?: SessionCause,
): SessionEventMap['session.ended'] {
  return { ...cause, handle: session.handle, userId: session.userId, reason, session };
}
