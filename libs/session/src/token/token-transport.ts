import type { IncomingHttpHeaders } from 'node:http';
import { readSessionCookie } from './token-cookie.js';
import { parseToken } from './session-token.js';
import type { ResolvedSessionOptions } from '../session.options.js';

/** Tokens that are not looked up: more than `MAX_TOKENS`, or two in one header. */
export const AMBIGUOUS = Symbol('ambiguous tokens');

/** More than a browser has of one site, and few enough to be read with every request. */
const MAX_TOKENS = 4;

/**
 * The token text as the client sent it, from where the options say and nowhere else. A list if it sent several that
 * differ and have the shape of a token: by their looks nobody can tell which one is ours.
 */
export function presentedToken(
  options: ResolvedSessionOptions,
  headers: IncomingHttpHeaders,
): string | readonly string[] | typeof AMBIGUOUS | undefined {
  const { transport } = options;
  const inHeader = transport === 'cookie' ? undefined : headerToken(headers[options.header]);
  if (transport === 'header' || inHeader === AMBIGUOUS) return inHeader;
  const { cookie } = headers;
  const inCookie = cookie === undefined ? undefined : readSessionCookie(cookie, options.cookie.name);
  if (inHeader === undefined && typeof inCookie !== 'object') return inCookie;
  return wellFormed([inHeader ?? [], inCookie ?? []].flat());
}

function wellFormed(texts: readonly string[]): string | readonly string[] | typeof AMBIGUOUS {
  const tokens = [...new Set(texts)].filter((text) => parseToken(text) !== null);
  if (tokens.length > MAX_TOKENS) return AMBIGUOUS;
  return tokens.length > 1 ? tokens : (tokens[0] ?? texts[0]!);
}

/** Node joins repeated headers by a comma, which no token has. An empty header only asks for an answer by header. */
function headerToken(value: string | string[] | undefined): string | typeof AMBIGUOUS | undefined {
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' && !value.includes(',') ? value : AMBIGUOUS;
}
