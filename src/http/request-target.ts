import type { IncomingMessage } from 'node:http';

const ABSOLUTE = /^https?:\/\/(?<authority>[^/?#@]+)(?<path>\/[^]*|[?#][^]*)?$/i;
const ESCAPE = /%([0-9a-f]{2})/gi;
/** Means the same with or without its escape (RFC 3986, 2.3). */
const UNRESERVED = /[\w.~-]/;

/**
 * Brings the address of a request into the one form that routes, logs and guards know: a path and a query, the path without escapes that
 * say nothing. An absolute address names the host, whatever `Host` says (RFC 9112, 3.2.2).
 * @returns false where it is no address of ours, or a percent sign in its path encodes nothing
 */
export function normaliseTarget(request: IncomingMessage): boolean {
  let url = request.url ?? '';
  if (url === '*') return request.method === 'OPTIONS';
  const { authority, path } = ABSOLUTE.exec(url)?.groups ?? {};
  if (authority !== undefined) {
    request.headers.host = authority;
    url = path?.startsWith('/') ? path : `/${path ?? ''}`;
  }
  if (!url.startsWith('/')) return false;
  request.url = url.includes('%') ? withoutEmptyEscapes(url) : url;
  return isDecodable(request.url);
}

function withoutEmptyEscapes(url: string): string {
  const end = url.search(/[?#]/);
  const path = end < 0 ? url : url.slice(0, end);
  const decoded = path.replace(ESCAPE, (escape, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : escape;
  });
  return decoded + url.slice(path.length);
}

function isDecodable(url: string): boolean {
  const path = url.split('?', 1)[0]!;
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
