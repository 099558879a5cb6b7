const MAX_LENGTH = 2_048;
// Used if the request names no host: then no absolute URL is on our own origin.
const NOWHERE = 'http://gatehouse.invalid';

/**
 * Where to go on after a sign-in: a path of our own origin, or `fallback` for everything else (OWASP ASVS 5.0, 1.2.2,
 * 3.7.2).
 */
export function safeNext(next: unknown, origin: string | null, fallback = '/'): string {
  if (typeof next !== 'string' || next === '' || next.length > MAX_LENGTH) return fallback;
  const base = origin ?? NOWHERE;
  const isLocal = next.startsWith('/') || next.startsWith(`${base}/`);
  if (!isLocal || !URL.canParse(next, base)) return fallback;
  const url = new URL(next, base);
  const target = url.pathname + url.search + url.hash;
  // `/.//evil.example` parses as a path of our origin, but as a `Location` it leads to another one.
  const staysHere = url.origin === base && !target.startsWith('//') && new URL(target, base).origin === base;
  return staysHere ? target : fallback;
}
