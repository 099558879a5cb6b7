import type { AuthPaths } from './auth.options.js';

/** The resolved options of `AuthModule`. */
export const AUTH_OPTIONS = Symbol('gatehouse:auth-options');

/** What of `AuthModule` is decided when it is imported, before any asynchronous option is known. */
export interface AuthModuleExtras {
  /** Where the routes are. Default `'auth'`. */
  readonly prefix: string;
  /** Whether there are pages: a browser is redirected to them, and a form that fails gets its page again. Default `true`. */
  readonly pages: boolean;
  /** Where pages are. */
  readonly paths: Required<AuthPaths>;
  /** The application's name, for its pages. Default `'Gatehouse'`. */
  readonly appName: string;
}

export const AUTH_EXTRAS = Symbol('gatehouse:auth-extras');

/** The application's own `PasswordBlocklist`, or the common one. */
export const PASSWORD_BLOCKLIST = Symbol('gatehouse:password-blocklist');
