import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignInOptions } from './session-actions.js';
import type { SessionFields } from '../storage/session-record.js';
import { lifeOfSession, type Session, type SessionControls } from './session-object.js';

/**
 * For authentication libraries: makes the request's session that of a user, under a new handle and secret, and ends the one before.
 * @returns the new session object, which is also on the request. @throws 401 `session_ended`, 413, 503
 */
export function signIn(session: SessionControls, options: SignInOptions): Promise<Session> {
  const life = lifeOfSession(session);
  return life.noting(life.signIn(session, options));
}

/**
 * Reads the stored session again, for what nobody may do by a secret from before the last renewal: whoever holds that may have stolen it.
 * @throws 401 `session_ended`, 409 `conflict` where the request came by such a secret, or its own has become one meanwhile; 503
 */
export function requireCurrentSecret(session: SessionControls): Promise<void> {
  const life = lifeOfSession(session);
  return life.noting(life.requireCurrentSecret(session));
}

/**
 * Writes what a fresh proof of identity brought, and swaps the secret without grace.
 * @throws 401 `session_ended`, 409 `conflict` where the request came by the former secret, 503
 */
export function confirmIdentity(
  session: SessionControls,
  fields: Pick<SessionFields, 'authTime' | 'amr' | 'aal' | 'userEpoch'>,
): Promise<void> {
  const life = lifeOfSession(session);
  return life.noting(life.confirmIdentity(session, fields));
}

/**
 * Takes the session along to a higher epoch of its user, with a new secret without grace; only once that is the epoch of the account. A request whose
 * secret is not the current one any more gets none. @returns whether the session lives. @throws 503
 */
export function followEpoch(session: SessionControls, userEpoch: number): Promise<boolean> {
  const life = lifeOfSession(session);
  return life.noting(life.followEpoch(session, userEpoch));
}

/** Swaps the secret without grace because the user's rights have changed. Does nothing for a request that came by the former secret. @throws 401, 503 */
export function swapSecret(session: SessionControls): Promise<void> {
  const life = lifeOfSession(session);
  return life.noting(life.swapSecret(session));
}

/** From here on the request is one without a session. What is stored stays as it is, and the answer neither sets nor clears a cookie. @throws 503 */
export function setAside(session: SessionControls): Promise<void> {
  const life = lifeOfSession(session);
  return life.noting(life.skip());
}

const CSRF_PURPOSE = 'gatehouse csrf token v1';

function tokenFrom(secretHash: string): string {
  return createHmac('sha256', secretHash).update(CSRF_PURPOSE).digest('base64url');
}

/** The synchroniser token of a stored session's forms, or null. Bound to the secret, so it changes with it and needs no storage. */
export function csrfToken(session: SessionControls | undefined): string | null {
  const record = session && lifeOfSession(session).record;
  return record ? tokenFrom(record.secretHash) : null;
}

/** Also true for the token from before the last renewal: a form may have been open since. A swap without grace ends that. */
export function isCsrfToken(session: SessionControls | undefined, token: unknown): boolean {
  const record = session && lifeOfSession(session).record;
  if (!record || typeof token !== 'string') return false;
  return [record.secretHash, record.formerSecretHash].some((hash) => hash !== null && sameText(tokenFrom(hash), token));
}

function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
