import type { IncomingMessage } from 'node:http';

const ABSOLUTE = /^https?:\/\/(?<authority>[^/?#@]+)(?<path>\/[^]*|[?#][^]*)?$/i;
const ESCAPE = /%([0-9a-f]{2})/gi;
/** Characters that mean the same escaped or not (RFC 3986, 2.3). */
const UNRESERVED = /[\w.~-]/;

/**
 * Normalises the request target for routes, logs and guards: a path and a query, the path without unnecessary escapes.
 * The host of an absolute URL replaces the `Host` header (RFC 9112, 3.2.2).
 * @returns false if it is no valid target, or its path has an invalid percent escape
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
