import type { EndReason } from './session.events.js';
import type { EndedSession } from '../storage/session-index.js';
import { expiryOf } from './new-record.js';

/** Why a session that a sweep has removed was over. One that was over before either end came had been passed by its user's epoch. */
export function sweptReason(ended: EndedSession, now: number): EndReason {
  return expiryOf(ended, now) ?? 'revoked';
}
