/** A longer one is not followed, so it is not sent either: it would fill the headers of the answer. */
const MAX_NEXT_LENGTH = 2_048;
// Used if the request names no host: then no absolute URL is on our own origin.
const NOWHERE = 'http://gatehouse.invalid';

/** The query by which a page is returned to; empty if its address is too long for that. */
export function nextQuery(path: string): string {
  return path.length > MAX_NEXT_LENGTH ? '' : `?next=${encodeURIComponent(path)}`;
}

/**
 * Where to go on after a sign-in: a path as this server knows it, or `fallback` for everything else (OWASP ASVS 5.0,
 * 1.2.2, 3.7.2). An absolute URL must be of our own origin and below `basePath`, which is taken off.
 */
export function safeNext(next: unknown, origin: string | null, fallback = '/', basePath = ''): string {
  if (typeof next !== 'string' || next === '' || next.length > MAX_NEXT_LENGTH) return fallback;
  const base = origin ?? NOWHERE;
  const isLocal = next.startsWith('/') || next.startsWith(`${base}/`);
  if (!isLocal || !URL.canParse(next, base)) return fallback;
  const url = new URL(next, base);
  const isAbsolute = !next.startsWith('/');
  if (isAbsolute && !`${url.pathname}/`.startsWith(`${basePath}/`)) return fallback;
  const path = isAbsolute ? url.pathname.slice(basePath.length) || '/' : url.pathname;
  const target = path + url.search + url.hash;
  // `/.//evil.example` parses as a path of our origin, but as a `Location` it leads to another one.
  const staysHere = url.origin === base && !target.startsWith('//') && new URL(target, base).origin === base;
  return staysHere ? target : fallback;
}
