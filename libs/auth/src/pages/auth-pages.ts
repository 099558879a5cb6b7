import type { Awaitable, ProblemDocument } from 'nest-gatehouse/common';
import type { MySessionList } from '../account/my-sessions.service.js';
import type { AccountView } from './account.view.js';
import type { SignedInUser } from '../storage/user-record.js';

/**
 * A page and the data it shows beside the common parts. All of it is text, never markup. `next` is a path as the server
 * knows it: a form sends it back as it is, a link to it needs `basePath` in front.
 */
export type AuthPage =
  | { readonly name: 'login'; readonly username: string; readonly remember: boolean; readonly next: string }
  | { readonly name: 'reauthenticate'; readonly next: string }
  | { readonly name: 'closed'; readonly next: string }
  | { readonly name: 'password'; readonly next: string }
  | { readonly name: 'account'; readonly account: AccountView; readonly done: PageNotice | null }
  | { readonly name: 'sessions'; readonly sessions: MySessionList; readonly done: PageNotice | null };

/** What the previous form has done. */
export type PageNotice = 'password-changed' | 'session-ended' | 'others-ended';

export interface AuthPageContext {
  /** Why the previous form was refused; null if none was. */
  readonly problem: ProblemDocument | null;
  /** Seconds, if the refusal says when to try again. */
  readonly retryAfter: number | null;
  /** The signed-in session's token, for the form's `_csrf`; null if nobody is signed in, and the form needs none. */
  readonly csrfToken: string | null;
  /** Null also if no user was looked up, as for a refused sign-in. */
  readonly user: SignedInUser | null;
  /** Whether a user is signed in: then the page must offer a way to sign out (OWASP ASVS 5.0, 7.4.4). */
  readonly isSignedIn: boolean;
  /** Belongs in front of every path that the page links to or loads; empty unless a proxy has stripped one. */
  readonly basePath: string;
}

/**
 * Renders the pages. The class is its own injection token: a module in `imports` of `AuthModule.forRoot` that exports
 * one replaces the library's (`TemplatePages`), all of them or, by a class that extends it, some.
 */
export abstract class AuthPages {
  /** Sent with every page; null keeps the application's own header. */
  readonly contentSecurityPolicy: string | null = null;

  /** A whole document, escaped. */
  abstract render(page: AuthPage, context: AuthPageContext): Awaitable<string>;
}
