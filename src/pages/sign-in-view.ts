import { describeSession, type ProblemRequest, type Session } from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';

/** What the head of a page needs to let a user sign out (OWASP ASVS 5.0, 7.4.4). */
export interface SignInView {
  /** Of the form; null where the session is nobody's. */
  readonly csrfToken: string | null;
}

/** Of a request's session, as far as it is known: a page that says what has failed says it also where the store does not answer. */
export function viewSignIn(session: Session | undefined): SignInView {
  const isSignedIn = (describeSession(session)?.userId ?? null) !== null;
  return { csrfToken: isSignedIn ? csrfToken(session) : null };
}

/** The same for a request whose session may be out of reach, or not opened at all. */
export function viewSignInOf(request: ProblemRequest): SignInView {
  try {
    return viewSignIn(request.session);
  } catch {
    return { csrfToken: null };
  }
}
