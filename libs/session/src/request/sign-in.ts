import { noSecretOnSocket, sessionConflict, sessionEnded } from '../session.problems.js';
import type { Session, SessionControls } from '../session.types.js';
import type { SessionFields } from '../storage/session-record.js';
import { verbsOf, type SessionVerbs, type SignInOptions } from './session-verbs.js';
import type { WorkingCopy } from './working-copy.js';

/**
 * For authentication libraries: gives the request a session of this user, under a new handle and secret, and ends the
 * former one.
 * @returns the new session object, which is also on the request. @throws 401 `session_ended`, 413, 503
 */
export function signIn(session: SessionControls, options: SignInOptions): Promise<Session> {
  const verbs = verbsOf(session);
  return verbs.noting(verbs.signIn(session, options));
}

/**
 * Reads the stored session again and refuses a request that came with the secret from before the last renewal, which
 * may have been stolen.
 * @throws 401 `session_ended`, 409 `conflict` if the request came with such a secret, or its secret was renewed
 * meanwhile, 409 `no_secret_on_socket` on a socket, because the caller is about to replace the secret; 503
 */
export function requireCurrentSecret(session: SessionControls): Promise<void> {
  return withStored(session, async (copy, verbs) => {
    if (verbs.state.visitor.isMute) throw noSecretOnSocket();
    if (copy === null) throw sessionEnded();
    const isCurrent = await copy.isSecretCurrent();
    if (isCurrent === null) throw sessionEnded();
    if (!isCurrent) throw sessionConflict([]);
  });
}

/**
 * Stores a fresh proof of identity, and swaps the secret without grace.
 * @throws 401 `session_ended`, 409 `conflict` if the request came with the former secret, 503
 */
export function confirmIdentity(
  session: SessionControls,
  fields: Pick<SessionFields, 'authTime' | 'amr' | 'aal' | 'userEpoch'>,
): Promise<void> {
  return withStored(session, async (copy, verbs) => {
    if (copy === null) throw sessionEnded();
    if (copy.match !== 'current') throw sessionConflict([]);
    let outcome = await copy.renew(0, fields);
    while (outcome === 'stale') {
      // Another request has renewed the secret meanwhile. The proof must be stored all the same, so that secret is
      // replaced.
      const now = verbs.storedOf(session) && (await copy.stored());
      outcome = now === null ? 'gone' : await copy.renew(0, fields, now.secretHash);
    }
    if (outcome === 'gone') throw sessionEnded();
  });
}

/**
 * Moves the session to a higher epoch of its user, to which the account must already have been raised. Swaps the secret
 * without grace; if another request has renewed it meanwhile, that secret stays, and this request does not get it.
 * @returns whether the session lives. @throws 503
 */
export function followEpoch(session: SessionControls, userEpoch: number): Promise<boolean> {
  return withStored(session, async (copy, verbs) => {
    if (copy === null) return false;
    const outcome = await copy.renew(0, { userEpoch });
    if (outcome !== 'stale') return outcome === 'renewed';
    return (await verbs.state.engine.writer.save(copy.record!, { fields: { userEpoch } })) !== 'gone';
  });
}

/**
 * Swaps the secret without grace because the user's rights have changed. Does nothing for a request that came with the
 * former secret, nor on a socket, which cannot take the new one. @throws 401, 503
 */
export function swapSecret(session: SessionControls): Promise<void> {
  return withStored(session, async (copy, verbs) => {
    if (verbs.state.visitor.isMute) return;
    if (copy === null || (await copy.renew(0)) === 'gone') throw sessionEnded();
  });
}

/**
 * From here on the request has no session. The stored one stays as it is, and the answer neither sets nor clears a
 * cookie. @throws 503
 */
export function setAside(session: SessionControls): Promise<void> {
  const verbs = verbsOf(session);
  return verbs.noting(verbs.skip());
}

/** @param work is given null if the object is no longer the request's session, or nothing is stored */
function withStored<T>(
  session: SessionControls,
  work: (copy: WorkingCopy | null, verbs: SessionVerbs) => Promise<T>,
): Promise<T> {
  const verbs = verbsOf(session);
  return verbs.noting(work(verbs.storedOf(session) && verbs.state.copy, verbs));
}
