import type { AuthPaths } from './auth.options.js';

/** The resolved options of `AuthModule`. */
export const AUTH_OPTIONS = Symbol('gatehouse:auth-options');

/** The options of `AuthModule` that must be known when it is imported, before any asynchronous option. */
export interface AuthModuleExtras {
  /** The path prefix of the routes. Default `'auth'`. */
  readonly prefix: string;
  /**
   * Whether there are pages: a browser is redirected to them, and a failed form is answered with its page. Default
   * `true`.
   */
  readonly pages: boolean;
  /** The paths of the pages. */
  readonly paths: Required<AuthPaths>;
  /** The application's name, for its pages. Default `'Gatehouse'`. */
  readonly appName: string;
}

export const AUTH_EXTRAS = Symbol('gatehouse:auth-extras');

/** The application's own `PasswordBlocklist`, or `CommonPasswords`. */
export const PASSWORD_BLOCKLIST = Symbol('gatehouse:password-blocklist');
