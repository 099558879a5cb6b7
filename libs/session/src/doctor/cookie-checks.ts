import type { ResolvedCookieOptions } from '../cookie.options.js';
import type { ReturningCookies } from './returning-cookies.js';
import type { SeenRequest } from './seen-request.js';
import type { SessionDoctor } from './session-doctor.js';
import { isBelowPath, isWithinDomain, parseSetCookie, type SetCookieLine } from './set-cookie.js';

/** RFC 6265, 6.1: no browser has to keep more. */
const MAX_BYTES = 4_096;

/** An answer that was sent. */
export interface SentAnswer {
  readonly setCookies: readonly string[];
  readonly allowsCredentials: boolean;
}

/** Looks at the cookies that one answer sets, as the browser does that gets it. */
export class CookieChecks {
  constructor(
    private readonly doctor: SessionDoctor,
    private readonly cookie: ResolvedCookieOptions,
    private readonly returning: ReturningCookies,
  ) {}

  check(request: SeenRequest, answer: SentAnswer, now: number): void {
    const lines = answer.setCookies.map(parseSetCookie);
    for (const line of lines) this.#checkAny(request, line);
    const own = lines.find(({ name }) => name === this.cookie.name);
    if (own) this.#checkOwn(request, own, answer, now);
  }

  /** The request has brought our cookie. */
  noteReturn(request: SeenRequest): void {
    if (request.foreignCall !== null) this.returning.came(request.caller);
  }

  #checkAny({ host }: SeenRequest, { name, size, secure, sameSite, domain }: SetCookieLine): void {
    const { doctor } = this;
    if (size > MAX_BYTES)
      doctor.found(
        'cookie_too_large',
        `The cookie ${name} takes ${size} bytes with its attributes; browsers drop what is longer than ${MAX_BYTES}.`,
      );
    if (sameSite === 'none' && !secure)
      doctor.found('same_site_none_insecure', `The cookie ${name} was sent with SameSite=None and without Secure.`);
    if (domain !== undefined && host !== null && !isWithinDomain(host, domain))
      doctor.found(
        'cookie_domain_mismatch',
        `The cookie ${name} was sent for the domain ${domain} by a host that is not within it; browsers drop it.`,
      );
  }

  #checkOwn(request: SeenRequest, { name }: SetCookieLine, answer: SentAnswer, now: number): void {
    const { doctor, cookie } = this;
    const { path } = request;
    if (path !== null && !isBelowPath(path, cookie.path))
      doctor.found(
        'cookie_path_mismatch',
        `The cookie ${name} was set for the path ${cookie.path} by an address that is not below it, so that it does not come back there.`,
      );
    if (request.foreignCall === null) return;
    if (request.foreignCall === 'cross-site' && cookie.sameSite !== 'none') {
      const message = `A page of another site called, and browsers drop the cookie ${name} of SameSite=${cookie.sameSite} that it was given.`;
      return doctor.found('same_site_too_strict', message);
    }
    if (!answer.allowsCredentials)
      return doctor.found(
        'credentials_missing',
        `A page of another origin called and was given the cookie ${name}, but the answer does not allow credentials.`,
      );
    if (this.returning.wasGiven(request.caller, now))
      doctor.found(
        'credentials_missing',
        `A page of another origin calls again and again without the cookie ${name} that it was given each time.`,
      );
  }
}
