import type { Randomness } from 'nest-gatehouse/session';

// Without the letters and digits that are read as each other.
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 6;
const GROUP_LENGTH = 4;

/** Some 118 bits of chance in groups that can be read out. For one sign-in: its user must change it (OWASP ASVS 5.0, 6.4.1). */
export function oneTimePassword(randomness: Randomness): string {
  const letters = Array.from(randomness.bytes(GROUPS * GROUP_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]);
  const groups = Array.from({ length: GROUPS }, (_, at) =>
    letters.slice(at * GROUP_LENGTH, (at + 1) * GROUP_LENGTH).join(''),
  );
  return groups.join('-');
}
