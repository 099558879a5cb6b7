import type { Awaitable, ProblemDocument } from 'nest-gatehouse/common';
import type { MySessionList } from '../account/my-sessions.service.js';
import type { AccountView } from './account.view.js';
import type { StaffSessionList } from './staff-sessions.service.js';
import type { SignedInUser } from '../storage/user-record.js';

/** Which page, with what it shows beside the common parts. Everything in it is text, never markup. */
export type AuthPage =
  | { readonly name: 'login'; readonly username: string; readonly remember: boolean; readonly next: string }
  | { readonly name: 'reauthenticate'; readonly next: string }
  | { readonly name: 'closed'; readonly next: string }
  | { readonly name: 'password'; readonly next: string }
  | { readonly name: 'account'; readonly account: AccountView; readonly done: PageNotice | null }
  | { readonly name: 'sessions'; readonly sessions: MySessionList; readonly done: PageNotice | null }
  | { readonly name: 'staff'; readonly sessions: StaffSessionList; readonly isFirst: boolean };

/** What the form before has done. */
export type PageNotice = 'password-changed' | 'session-ended' | 'others-ended';

export interface AuthPageContext {
  /** Why the form before was refused; null at first sight. */
  readonly problem: ProblemDocument | null;
  /** Seconds, where the refusal says when to try again. */
  readonly retryAfter: number | null;
  /** Of the signed-in session, for the form's `_csrf`; null where there is none, and the form needs none. */
  readonly csrfToken: string | null;
  /** Null also where nobody was looked up, as at a sign-in that was refused. */
  readonly user: SignedInUser | null;
  /** Whether the session is a user's: then a way to sign out belongs on the page (OWASP ASVS 5.0, 7.4.4). */
  readonly isSignedIn: boolean;
}

/**
 * Renders the pages. The class is its own injection token: a module in `imports` of `AuthModule.forRoot` that exports one replaces the library's
 * (`TemplatePages`), all of them or, by a class that extends it, some.
 */
export abstract class AuthPages {
  /** Sent with every page; null leaves the application's own header alone. */
  readonly contentSecurityPolicy: string | null = null;

  /** A whole document, escaped. */
  abstract render(page: AuthPage, context: AuthPageContext): Awaitable<string>;
}
