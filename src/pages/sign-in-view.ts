import type { SignedInUser } from 'nest-gatehouse/auth';
import { describeSession, type ProblemRequest, type Session } from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';
import type { PageNav, SignOutForm } from 'nest-gatehouse/web';

/** What a page needs to let a user sign out (OWASP ASVS 5.0, 7.4.4). Null if nobody is signed in. */
export function signOutOf(base: string, session: Session | undefined): SignOutForm | null {
  const isSignedIn = (describeSession(session)?.userId ?? null) !== null;
  const token = isSignedIn ? csrfToken(session) : null;
  return token === null ? null : { action: `${base}/auth/logout`, csrfToken: token };
}

/** For error pages, which must also work if the session cannot be read or was not opened. */
export function navOf(base: string, request: ProblemRequest): PageNav | null {
  try {
    const signOut = signOutOf(base, request.session);
    return signOut && { links: [], signOut };
  } catch {
    return null;
  }
}

/** The paths of the pages to sign in and to manage an account. */
export function accountNavOf(base: string, session: Session | undefined, user: SignedInUser | undefined): PageNav {
  const signOut = signOutOf(base, session);
  if (!signOut) return { links: [{ href: `${base}/login`, label: 'Sign in' }], signOut };
  const isAdministrator = user?.roles.includes('admin');
  const links = [
    { href: `${base}/account`, label: 'Account' },
    ...(isAdministrator ? [{ href: `${base}/admin`, label: 'Console' }] : []),
  ];
  return { links, signOut };
}
