import { Inject, Injectable } from '@nestjs/common';
import { serialize } from 'cookie';
import { Clock, duration, type Duration } from 'nest-gatehouse/common';
import type { ResolvedSessionOptions } from '../session.options.js';
import { SESSION_OPTIONS } from '../session.tokens.js';

export interface SetCookieOptions {
  /** How long the browser keeps it, as `'30d'` or milliseconds. Default: until the browser closes. */
  readonly maxAge?: Duration;
  /** When the browser drops it; not together with `maxAge`. */
  readonly expires?: Date;
  /** Default `'/'`. */
  readonly path?: string;
  readonly domain?: string;
  /** Default: as for the session's cookie, where `'auto'` counts as false here. */
  readonly secure?: boolean;
  /** Default `true`. */
  readonly httpOnly?: boolean;
  /** Default `'lax'`. */
  readonly sameSite?: 'strict' | 'lax' | 'none';
}

/** An Express response or a Fastify reply, as `@Res({ passthrough: true })` gives it. */
export type CookieResponse =
  | { appendHeader(name: string, value: string): unknown }
  | { header(name: string, value: string): unknown; readonly raw: object };

/** Name and value together: browsers drop what is longer (OWASP ASVS 5.0, 3.3.5; RFC 6265bis, 5.6). */
const MAX_BYTES = 4_096;

/**
 * Sets ordinary cookies: values that the client may know and change, such as a theme. Values that it must not change
 * belong in the session.
 */
@Injectable()
export class CookieService {
  constructor(
    @Inject(SESSION_OPTIONS) private readonly options: ResolvedSessionOptions,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws TypeError for an invalid name, value or attribute, the name of the session's cookie, or more than 4096
   * bytes, which browsers drop.
   */
  set(response: CookieResponse, name: string, value: string, options: SetCookieOptions = {}): void {
    const { maxAge, expires, path = '/', httpOnly = true, sameSite = 'lax', domain } = options;
    if (name === this.options.cookie.name)
      throw new TypeError(`The cookie ${name} is the session's own; choose another name.`);
    if (maxAge !== undefined && expires !== undefined) throw new TypeError('Give maxAge or expires, not both.');
    // Counted as it is sent, percent-encoded.
    if (name.length + encodeURIComponent(value).length > MAX_BYTES)
      throw new TypeError(`The cookie ${name} is too large; keep the value in the session, or make it shorter.`);
    const secure = options.secure ?? this.options.cookie.secure === true;
    const lifetime = maxAge === undefined ? { expires } : lifetimeOf(maxAge, this.clock.now());
    append(response, serialize(name, value, { ...lifetime, path, domain, secure, httpOnly, sameSite }));
  }

  /** Drops a cookie; `path` and `domain` must be those it was set with. */
  clear(response: CookieResponse, name: string, options: Omit<SetCookieOptions, 'maxAge' | 'expires'> = {}): void {
    this.set(response, name, '', { ...options, expires: new Date(0) });
  }
}

function lifetimeOf(maxAge: Duration, now: number) {
  const parsed = duration.safeParse(maxAge);
  if (!parsed.success) throw new TypeError(`maxAge: ${parsed.error.issues[0]!.message}.`);
  // Both, because the oldest browsers read only the second.
  return { maxAge: Math.floor(parsed.data / 1000), expires: new Date(now + parsed.data) };
}

function append(response: CookieResponse, cookie: string): void {
  if ('appendHeader' in response) response.appendHeader('set-cookie', cookie);
  else response.header('set-cookie', cookie);
}
