import type { SessionState } from './session-state.js';
import { isCookieSecure } from '../token/token-cookie.js';

/** `session.cookie`: what express-session applications read and set. */
export class SessionCookie {
  readonly #life: SessionState;

  constructor(life: SessionState) {
    this.#life = life;
  }

  /** Milliseconds that the session still has without another request; null for a browser-session cookie. */
  get maxAge(): number | null {
    const expires = this.expires;
    return expires === null ? null : Math.max(0, expires.getTime() - this.#life.now());
  }

  /**
   * Makes this session's cookie persistent and its idle time this long, never beyond the absolute end; null makes it a browser-session cookie
   * again. Sent with this answer even if no data changed. @throws RangeError for anything but null or a positive number
   */
  set maxAge(milliseconds: number | null | undefined) {
    if (milliseconds === null || milliseconds === undefined) {
      this.#life.setPersistence(null);
      return;
    }
    if (typeof milliseconds !== 'number' || !Number.isFinite(milliseconds) || milliseconds < 1) {
      throw new RangeError(
        'session.cookie.maxAge takes milliseconds, more than zero, or null; to end a session call session.destroy().',
      );
    }
    this.#life.setPersistence(Math.floor(milliseconds));
  }

  /** The idle time of a persistent session in milliseconds, null for a browser-session cookie. */
  get originalMaxAge(): number | null {
    return this.#life.persistence();
  }

  /** When a persistent cookie ends, null for a browser-session cookie. */
  get expires(): Date | null {
    const end = this.#life.cookieExpires();
    return end === null ? null : new Date(end);
  }

  set expires(date: Date | false | null | undefined) {
    this.maxAge = date ? date.getTime() - this.#life.now() : null;
  }

  get httpOnly(): boolean {
    return this.#life.cookieOptions.httpOnly;
  }

  get path(): string {
    return this.#life.cookieOptions.path;
  }

  get domain(): string | undefined {
    return this.#life.cookieOptions.domain;
  }

  get sameSite(): 'strict' | 'lax' | 'none' {
    return this.#life.cookieOptions.sameSite;
  }

  /** Whether this answer's cookie is `Secure`. */
  get secure(): boolean {
    return isCookieSecure(this.#life.cookieOptions, this.#life.isHttps);
  }

  toJSON() {
    const { originalMaxAge, expires, httpOnly, path, domain, secure, sameSite } = this;
    return { originalMaxAge, expires, httpOnly, path, domain, secure, sameSite };
  }
}
