const HALF_A_CHARACTER = /\p{Surrogate}/u;

/**
 * Whether a text has no lone surrogates. All of these become the same bytes in UTF-8, so that one would pass for any
 * other.
 */
export function isWellFormed(text: string): boolean {
  return !HALF_A_CHARACTER.test(text);
}
