import { SetMetadata } from '@nestjs/common';
import { ACCESS, duration, type Duration } from 'nest-gatehouse/common';

export type Access = 'public' | 'optional';

export const ROLES = 'gatehouse:roles';
export const RECENT_AUTH = 'gatehouse:recent-auth';
export const OPEN_WHILE_PASSWORD_MUST_CHANGE = 'gatehouse:open-while-password-must-change';
export const PAGE_FORM = 'gatehouse:page-form';
export const SKIP_CSRF = 'gatehouse:skip-csrf';

/** On a handler or a controller: anybody may call it. No user is looked up, so `@CurrentUser()` is undefined. */
export const Public = () => SetMetadata(ACCESS, 'public' satisfies Access);

/** On a handler or a controller: anybody may call it, and `@CurrentUser()` is the user if one is signed in. */
export const OptionalAuth = () => SetMetadata(ACCESS, 'optional' satisfies Access);

/**
 * On a handler or a controller: only users who have one of these roles at this moment; 403 `forbidden` for the others.
 * On a handler it replaces what the controller says. A sign-in is required even if `@Public()` is on it too.
 */
export const Roles = (...roles: [string, ...string[]]) => SetMetadata(ROLES, roles);

/**
 * On a handler or a controller: the user must have given the password within this time (OWASP ASVS 5.0, 7.5.1, 7.5.3).
 * Otherwise 401 `recent_auth_required`, and a browser that asks for a page is sent to the one that asks for the
 * password again. @throws TypeError for an invalid duration
 */
export const RequireRecentAuth = (within: Duration) => {
  const parsed = duration.safeParse(within);
  if (!parsed.success) throw new TypeError(`@RequireRecentAuth: ${parsed.error.issues[0]!.message}.`);
  return SetMetadata(RECENT_AUTH, parsed.data);
};

/**
 * On a handler that a form is sent to, at the address of the page that has the form: a browser that must give the
 * password again returns to that page afterwards.
 */
export const PageForm = () => SetMetadata(PAGE_FORM, true);

/**
 * On a handler or a controller: may be called while the user must change the password; all others answer 403
 * `password_change_required`.
 */
export const OpenWhilePasswordMustChange = () => SetMetadata(OPEN_WHILE_PASSWORD_MUST_CHANGE, true);

/**
 * On a handler or a controller that other sites may call: neither the cross-site rule nor the form token is checked. It
 * must not trust the cookie.
 */
export const SkipCsrf = () => SetMetadata(SKIP_CSRF, true);
