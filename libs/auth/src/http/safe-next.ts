const LONGEST = 2_048;
// Stands in where the request names no host: then nothing absolute is our own.
const NOWHERE = 'http://gatehouse.invalid';

/** Where to go on after a sign-in: a path of our own origin, or `fallback` for everything else (OWASP ASVS 5.0, 1.2.2, 3.7.2). */
export function safeNext(next: unknown, origin: string | null, fallback = '/'): string {
  if (typeof next !== 'string' || next === '' || next.length > LONGEST) return fallback;
  const base = origin ?? NOWHERE;
  const isLocal = next.startsWith('/') || next.startsWith(`${base}/`);
  if (!isLocal || !URL.canParse(next, base)) return fallback;
  const url = new URL(next, base);
  const target = url.pathname + url.search + url.hash;
  // `/.//evil.example` is on our origin as it stands, and elsewhere as a `Location`.
  const staysHere = url.origin === base && !target.startsWith('//') && new URL(target, base).origin === base;
  return staysHere ? target : fallback;
}
