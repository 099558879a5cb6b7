import type { IncomingHttpHeaders } from 'node:http';
import { DUPLICATE, readSessionCookie } from './token-cookie.js';
import type { ResolvedSessionOptions } from '../session.options.js';

/**
 * The token text as the client sent it, from where the options say and nowhere else. Two different ones are
 * `DUPLICATE`.
 */
export function presentedToken(
  options: ResolvedSessionOptions,
  headers: IncomingHttpHeaders,
): string | typeof DUPLICATE | undefined {
  const { transport } = options;
  const inHeader = transport === 'cookie' ? undefined : headerToken(headers[options.header]);
  if (transport === 'header') return inHeader;
  const cookies = headers.cookie;
  const inCookie = cookies === undefined ? undefined : readSessionCookie(cookies, options.cookie.name);
  if (inHeader === undefined || inHeader === inCookie) return inCookie;
  return inCookie === undefined ? inHeader : DUPLICATE;
}

/** Node joins repeated headers by a comma, which no token has. An empty header only asks for an answer by header. */
function headerToken(value: string | string[] | undefined): string | typeof DUPLICATE | undefined {
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' && !value.includes(',') ? value : DUPLICATE;
}
