const MOST_CODE_POINTS = 128;
/** Control characters, characters nobody sees, and halves of a character: none of them tells two names apart for a reader. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

/** What a username is compared by: NFKC and lower case (OWASP ASVS 5.0, 1.1.1). Null for what cannot be a username. */
export function canonicalUsername(username: unknown): string | null {
  // Normalising can make a text 18 times as long; no name that fits has more UTF-16 units than this.
  if (typeof username !== 'string' || username === '' || username.length > 2 * MOST_CODE_POINTS) return null;
  const canonical = username.normalize('NFKC').toLowerCase().normalize('NFKC');
  if (canonical === '' || [...canonical].length > MOST_CODE_POINTS || UNSEEN.test(username) || UNSEEN.test(canonical))
    return null;
  return canonical;
}
