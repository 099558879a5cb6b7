import { serialize } from 'cookie';
import type { ResolvedCookieOptions } from '../cookie.options.js';

/**
 * Writes `Set-Cookie` for one request: with the module's attributes; where `secure` is `'auto'`, the request decides on
 * `Secure`.
 */
export function sessionCookie(
  options: ResolvedCookieOptions,
  isHttps: boolean,
  token: string,
  expires: number | null,
  now: number,
): string {
  return serialize(options.name, token, {
    ...attributes(options, isHttps),
    ...(expires === null
      ? {}
      : { maxAge: Math.max(0, Math.floor((expires - now) / 1000)), expires: new Date(expires) }),
  });
}

/** The same attributes, so that a browser finds the cookie to drop (RFC 6265, 5.3). */
export function clearedSessionCookie(options: ResolvedCookieOptions, isHttps: boolean): string {
  return serialize(options.name, '', { ...attributes(options, isHttps), maxAge: 0, expires: new Date(0) });
}

export function isCookieSecure(options: ResolvedCookieOptions, isHttps: boolean): boolean {
  return options.secure === 'auto' ? isHttps : options.secure;
}

function attributes(options: ResolvedCookieOptions, isHttps: boolean) {
  return {
    path: options.path,
    domain: options.domain,
    secure: isCookieSecure(options, isHttps),
    httpOnly: options.httpOnly,
    sameSite: options.sameSite,
    partitioned: options.partitioned,
  };
}

/**
 * The value of the cookie of this name, exactly as it was sent: no decoding, no quotes. A list if there are several
 * that differ: a browser sends all whose path and domain fit, and another application may have set some of them.
 */
export function readSessionCookie(header: string, name: string): string | readonly string[] | undefined {
  let found: string | undefined;
  let others: Set<string> | undefined;
  let at = header.indexOf(name);
  while (at !== -1) {
    const after = at + name.length;
    if (startsPair(header, at) && header.charCodeAt(after) === EQUALS) {
      const end = header.indexOf(';', after);
      const value = header.slice(after + 1, end === -1 ? undefined : end).trim();
      if (found === undefined) found = value;
      else if (value !== found) (others ??= new Set()).add(value);
    }
    at = header.indexOf(name, after);
  }
  return others ? [found!, ...others] : found;
}

const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const SPACE = 0x20;
const TAB = 0x09;

function startsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (header.charCodeAt(before) === SPACE || header.charCodeAt(before) === TAB)) before--;
  return before < 0 || header.charCodeAt(before) === SEMICOLON;
}
