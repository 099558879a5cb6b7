import type { EndReason } from './session.events.js';
import type { EndedSession } from './session-index.js';

/** Why a session that a sweep has removed was over. One that was over before either end came had been passed by its user's epoch. */
export function sweptReason({ idleExpiresAt, absoluteExpiresAt }: EndedSession, now: number): EndReason {
  if (Math.min(idleExpiresAt, absoluteExpiresAt) > now) return 'revoked';
  return idleExpiresAt < absoluteExpiresAt ? 'idle' : 'absolute';
}
