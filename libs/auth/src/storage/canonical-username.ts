const MAX_CODE_POINTS = 128;
/** Control characters, invisible characters and lone surrogates: a reader cannot tell names apart by them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/**
 * The form in which usernames are compared: NFKC and lower case (OWASP ASVS 5.0, 1.1.1). Null if it cannot be a
 * username.
 */
export function canonicalUsername(username: unknown): string | null {
  // Checked first, because normalising can make a text 18 times as long. No valid name has more UTF-16 units than this.
  if (typeof username !== 'string' || username === '' || username.length > 2 * MAX_CODE_POINTS) return null;
  const canonical = username.normalize('NFKC').toLowerCase().normalize('NFKC');
  if (canonical === '' || [...canonical].length > MAX_CODE_POINTS || UNSEEN.test(username) || UNSEEN.test(canonical))
    return null;
  return canonical;
}
