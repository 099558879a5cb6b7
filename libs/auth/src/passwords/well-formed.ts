const HALF_A_CHARACTER = /\p{Surrogate}/u;

/** Whether a text is whole characters: all halves of a character become the same bytes, so that one would pass for any other. */
export function isWellFormed(text: string): boolean {
  return !HALF_A_CHARACTER.test(text);
}
