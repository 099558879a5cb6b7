import type { ResolvedCookieOptions } from '../cookie.options.js';
import type { SessionCookie } from '../session.types.js';
import { isCookieSecure } from '../token/token-cookie.js';

/** What the view is a view of. */
export interface CookieSource {
  readonly options: ResolvedCookieOptions;
  readonly isHttps: boolean;
  now(): number;
  /** The idle time of a persistent session in milliseconds, else null. */
  persistence(): number | null;
  expires(): number | null;
  setMaxAge(maxAge: number | null): void;
}

/** `session.cookie`. */
export class CookieView implements SessionCookie {
  readonly #source: CookieSource;

  constructor(source: CookieSource) {
    this.#source = source;
  }

  get maxAge(): number | null {
    const expires = this.expires;
    return expires === null ? null : Math.max(0, expires.getTime() - this.#source.now());
  }

  set maxAge(milliseconds: number | null | undefined) {
    if (milliseconds === null || milliseconds === undefined) {
      this.#source.setMaxAge(null);
      return;
    }
    if (typeof milliseconds !== 'number' || !Number.isFinite(milliseconds) || milliseconds < 1) {
      throw new RangeError(
        'session.cookie.maxAge takes milliseconds, more than zero, or null; to end a session call session.destroy().',
      );
    }
    this.#source.setMaxAge(Math.floor(milliseconds));
  }

  get originalMaxAge(): number | null {
    return this.#source.persistence();
  }

  get expires(): Date | null {
    const end = this.#source.expires();
    return end === null ? null : new Date(end);
  }

  set expires(date: Date | false | null | undefined) {
    this.maxAge = date ? date.getTime() - this.#source.now() : null;
  }

  get httpOnly(): boolean {
    return this.#source.options.httpOnly;
  }

  get path(): string {
    return this.#source.options.path;
  }

  get domain(): string | undefined {
    return this.#source.options.domain;
  }

  get sameSite(): 'strict' | 'lax' | 'none' {
    return this.#source.options.sameSite;
  }

  get secure(): boolean {
    return isCookieSecure(this.#source.options, this.#source.isHttps);
  }

  toJSON() {
    const { originalMaxAge, expires, httpOnly, path, domain, secure, sameSite } = this;
    return { originalMaxAge, expires, httpOnly, path, domain, secure, sameSite };
  }
}
