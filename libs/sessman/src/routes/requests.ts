import { BodyOf, pageQuery } from 'nest-gatehouse/common';
import { z } from 'zod';

const MAX_USER = 256;
const MAX_IDS = 200;
const USER_HELP = `expected 1 to ${MAX_USER} characters, without control characters`;
const ID_HELP = 'expected the session_id of an answer';
const OBJECT_HELP = 'expected a JSON object';
const TTL_HELP = 'expected whole seconds';
// Half characters would be stored as others than they were sent.
const isText = (text: string) => !/[\p{Cc}\p{Cs}]/u.test(text);

const user = z.string(USER_HELP).min(1, USER_HELP).max(MAX_USER, USER_HELP).refine(isText, USER_HELP);
const sessionId = z.string(ID_HELP).min(1, ID_HELP).max(MAX_USER, ID_HELP);

/** Keeps the very object, with whatever keys it has: `__proto__` is data. */
const values = z.custom<Record<string, unknown>>(
  (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
  OBJECT_HELP,
);

export const userQuery = z.object({ userid: user });
export const sessionQuery = z.object({ sessionid: sessionId });
export const getQuery = z.object({ sessionid: sessionId, userid: user.optional() });
export const listQuery = pageQuery.extend({ userid: user });

/** Clients use both spellings of these parameters. */
const OTHER_SPELLINGS = { userid: 'user', sessionid: 'session_id' } as const;

/** As `BodyOf`, for a query in either spelling. */
export class QueryOf<T> extends BodyOf<T> {
  override transform(query: Readonly<Record<string, unknown>>): T {
    const other = Object.entries(OTHER_SPELLINGS).map(([name, spelling]) => [name, query[name] ?? query[spelling]]);
    return super.transform({ ...query, ...Object.fromEntries(other.filter(([, value]) => value !== undefined)) });
  }
}

/** @param maxTtl milliseconds */
export function newBody(maxTtl: number) {
  const help = `expected seconds, 1 to ${Math.floor(maxTtl / 1_000)}`;
  const ttl = z
    .int(TTL_HELP)
    .min(1, help)
    .max(Math.floor(maxTtl / 1_000), help)
    .transform((seconds) => seconds * 1_000);
  return z.strictObject({ data: values.optional(), ttl: ttl.optional() });
}

export const updateBody = z.strictObject({ data: values.optional() });

export const patchBody = z.strictObject({
  set: values.optional(),
  unset: z.array(z.string('expected a list of keys'), 'expected a list of keys').optional(),
  increment: values
    .refine((given) => Object.values(given).every(Number.isFinite), 'expected numbers by key')
    .transform((given) => given as Record<string, number>)
    .optional(),
});

export const batchBody = z.strictObject({
  sessionids: z
    .array(z.string(ID_HELP).max(MAX_USER, ID_HELP), 'expected a list of ids')
    .max(MAX_IDS, `expected at most ${MAX_IDS} ids`),
});

export const noBody = z.strictObject({});
