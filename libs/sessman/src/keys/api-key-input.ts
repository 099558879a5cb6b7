import { durationOrZero, type Duration } from 'nest-gatehouse/common';
import { z } from 'zod';
import { API_KEY_SCOPES, type ApiKeyScope } from '../storage/api-key-store.js';

export interface CreateApiKey {
  /** 1 to 64 lower-case letters, digits, dots, underscores and hyphens; the first is a letter or digit. */
  readonly namespace: string;
  /** At least one. */
  readonly scopes: readonly ApiKeyScope[];
  /** Milliseconds since the epoch, or ISO 8601 in UTC; within ten years. Default: the key does not expire. */
  readonly expiresAt?: number | string | null;
  /** The username of an account without which the key is refused. Default none. Needs `ApiKeyOwners`. */
  readonly owner?: string | null;
}

export interface RotateApiKey {
  /** How long the former secret is still accepted, at most 30 days. Default 0: not at all. */
  readonly overlap?: Duration;
}

const DAY = 86_400_000;
const MAX_LIFETIME = 3_653 * DAY;
const MAX_OVERLAP = 30 * DAY;

const NAMESPACE = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const NAMESPACE_HELP =
  'expected 1 to 64 lower-case letters, digits, dots, underscores or hyphens, the first a letter or digit';
const SCOPES_HELP = `expected one or more of ${API_KEY_SCOPES.join(', ')}, each once`;
const TIME_HELP = "expected a time in UTC such as '2030-01-31T00:00:00Z'";
const OVERLAP_HELP = "expected milliseconds or a duration such as '1h', at most '30d'";

function isScopes(input: unknown): boolean {
  if (!Array.isArray(input) || input.length === 0 || new Set(input).size !== input.length) return false;
  return input.every((scope: unknown) => (API_KEY_SCOPES as readonly unknown[]).includes(scope));
}

/** @param now against which the expiry is checked */
export function createApiKeySchema(now: number) {
  const expiresAt = z
    .union([z.int(), z.iso.datetime().transform(Date.parse)], TIME_HELP)
    .refine((time) => time > now, 'expected a time in the future')
    .refine((time) => time <= now + MAX_LIFETIME, 'expected a time within ten years');
  return z.strictObject({
    namespace: z.string(NAMESPACE_HELP).regex(NAMESPACE, NAMESPACE_HELP),
    scopes: z.custom<readonly ApiKeyScope[]>(isScopes, SCOPES_HELP),
    expiresAt: expiresAt.nullable().default(null),
    owner: z.string('expected a username').nullable().default(null),
  });
}

export const rotateApiKeySchema = z.strictObject({
  overlap: durationOrZero.refine((overlap) => overlap <= MAX_OVERLAP, OVERLAP_HELP).default(0),
});
