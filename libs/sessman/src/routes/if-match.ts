import { fieldInvalid } from '../sessman.problems.js';

const VERSION = /^"(\d{1,15})"$/;

/**
 * The version that `If-Match` asks for (RFC 9110, 13.1.1); undefined for none and for `*`. Weak tags match nothing.
 * @throws ProblemException 400 `if_match_invalid`
 */
export function versionAskedFor(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = VERSION.exec(header.trim())?.[1];
  if (version === undefined) throw fieldInvalid('If-Match', 'expected the ETag of an answer, such as "3", or *');
  return Number(version);
}
