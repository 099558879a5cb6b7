import { isOrigin } from 'nest-gatehouse/common';
import { z } from 'zod';

export interface PepperSetting {
  readonly id: string;
  readonly secret: string;
}

const PEPPER = /^(?:(?<id>[A-Za-z0-9._-]{1,64}):)?(?<secret>[^,]{32,})$/;
const UNNAMED = 'default';

const PEPPER_HELP =
  'expected SECRET or ID:SECRET of at least 32 characters without a comma, made by `openssl rand -base64 32`; several of different ids, the newest first, comma-separated';

export const pepperText = z.string().transform((text, context): readonly PepperSetting[] => {
  const matches = text.split(',').map((part) => PEPPER.exec(part.trim()));
  const peppers = matches.flatMap((match) =>
    match ? [{ id: match.groups!['id'] ?? UNNAMED, secret: match.groups!['secret']! }] : [],
  );
  const isGood = peppers.length === matches.length && new Set(peppers.map(({ id }) => id)).size === peppers.length;
  if (isGood) return peppers;
  // The text itself is a secret, so no message may contain it.
  context.issues.push({ code: 'custom', message: PEPPER_HELP, input: undefined });
  return z.NEVER;
});

export const originsText = z.string().transform((text, context): readonly string[] => {
  const origins = text.split(',').map((part) => part.trim());
  if (origins.every(isOrigin)) return origins;
  const message = text.includes('*')
    ? 'a wildcard never matches: list each origin, such as https://app.example.com, comma-separated'
    : 'expected origins such as https://app.example.com, without a path, comma-separated';
  context.issues.push({ code: 'custom', message, input: text });
  return z.NEVER;
});
