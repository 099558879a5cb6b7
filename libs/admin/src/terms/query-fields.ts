import { canonicalUsername } from 'nest-gatehouse/auth/storage';
import { z } from 'zod';

const MAX_TEXT = 200;
const NAME_HELP = 'expected a username';

/** A short text. */
export const text = z
  .string('expected a text')
  .min(1, 'expected a text')
  .max(MAX_TEXT, `expected at most ${MAX_TEXT} characters`);
/** A username in its canonical form. */
export const username = text.transform((given, context) => {
  const canonical = canonicalUsername(given);
  if (canonical === null) context.addIssue({ code: 'custom', message: NAME_HELP });
  return canonical ?? z.NEVER;
});

/** What a canonical username begins with. */
export const usernamePrefix = username;

/** ISO 8601 in UTC, as milliseconds since the epoch. */
export const time = z.iso
  .datetime("expected a time in UTC such as '2026-01-31T00:00:00Z'")
  .transform((given) => Date.parse(given));
