import type { SignedInUser } from 'nest-gatehouse/auth';
import { describeSession, type ProblemRequest, type Session } from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';
import type { PageNav, SignOutForm } from 'nest-gatehouse/web';

/** What a page needs to let a user sign out (OWASP ASVS 5.0, 7.4.4). Null if nobody is signed in. */
export function signOutOf(session: Session | undefined): SignOutForm | null {
  const isSignedIn = (describeSession(session)?.userId ?? null) !== null;
  const token = isSignedIn ? csrfToken(session) : null;
  return token === null ? null : { action: '/auth/logout', csrfToken: token };
}

/** For error pages, which must also work if the session cannot be read or was not opened. */
export function navOf(request: ProblemRequest): PageNav | null {
  try {
    const signOut = signOutOf(request.session);
    return signOut && { links: [], signOut };
  } catch {
    return null;
  }
}

/** The paths of the pages to sign in and to manage an account. */
export function accountNavOf(session: Session | undefined, user: SignedInUser | undefined): PageNav {
  const signOut = signOutOf(session);
  if (!signOut) return { links: [{ href: '/login', label: 'Sign in' }], signOut };
  const isStaff = user?.roles.includes('admin');
  const links = [{ href: '/account', label: 'Account' }, ...(isStaff ? [{ href: '/staff', label: 'Staff' }] : [])];
  return { links, signOut };
}
