import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SessionControls } from '../session.types.js';
import { stateOf } from './session-verbs.js';

const CSRF_PURPOSE = 'gatehouse csrf token v1';

function tokenFrom(secretHash: string): string {
  return createHmac('sha256', secretHash).update(CSRF_PURPOSE).digest('base64url');
}

/**
 * The synchroniser token for the forms of a stored session, or null. It is derived from the secret, so it changes with
 * it and needs no storage.
 */
export function csrfToken(session: SessionControls | undefined): string | null {
  const record = stateOf(session)?.copy.record;
  return record ? tokenFrom(record.secretHash) : null;
}

/**
 * Also true for the token from before the last renewal, because a form may have been open since then; no longer once
 * the secret is swapped without grace.
 */
export function isCsrfToken(session: SessionControls | undefined, token: unknown): boolean {
  const record = stateOf(session)?.copy.record;
  if (!record || typeof token !== 'string') return false;
  return [record.secretHash, record.formerSecretHash].some((hash) => hash !== null && sameText(tokenFrom(hash), token));
}

function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
