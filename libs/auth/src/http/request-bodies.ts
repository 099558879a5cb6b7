import type { PipeTransform } from '@nestjs/common';
import { type FieldError, ProblemException } from 'nest-gatehouse/common';
import { z } from 'zod';

const TRUE = ['true', 'on', '1', 'yes'];
const FALSE = ['false', 'off', '0', 'no', ''];

/** What a check box sends, or JSON. */
const flag = z
  .union(
    [z.boolean(), z.enum(TRUE).transform(() => true), z.enum(FALSE).transform(() => false)],
    'expected true or false',
  )
  .default(false);

/** A wrongly typed password is as wrong as any other, so only its absence is a fault of the request. */
const credential = z.custom<unknown>((value) => value !== undefined, 'missing').meta({ type: 'string' });

const next = z
  .unknown()
  .optional()
  .meta({ type: 'string', description: 'Where a form goes on: a path of this server.' });

export const loginBody = z.strictObject({ username: credential, password: credential, remember: flag, next });
export const passwordBody = z.strictObject({
  currentPassword: credential,
  newPassword: z.string('expected a text'),
  next,
});
export const reauthenticateBody = z.strictObject({ password: credential, next });

export type LoginBody = z.output<typeof loginBody>;
export type PasswordBody = z.output<typeof passwordBody>;
export type ReauthenticateBody = z.output<typeof reauthenticateBody>;

const LIMIT = 'expected a whole number from 1 to 200';

/** Of an address that lists something, page by page. */
export const pageQuery = z.object({
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
  cursor: z.string('expected the next of the page before').max(1_024).optional(),
});

const MOST_ERRORS = 20;

/**
 * Checks a body, JSON or form. A refusal is 400 with the `code` `<field>_missing` or `<field>_invalid` of the first field that does not fit, and all of
 * them in `errors`; nothing that was sent is repeated, unknown names included. @throws ProblemException
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  throw refusal(result.error.issues, typeof body === 'object' && body !== null ? body : {});
}

/** `parseBody` for `@Body(new BodyOf(schema))` and `@Query(…)`. */
export class BodyOf<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  transform(body: unknown): T {
    return parseBody(this.schema, body);
  }
}

function refusal(issues: readonly z.core.$ZodIssue[], body: object): ProblemException {
  const errors = issues.slice(0, MOST_ERRORS).map((issue): FieldError => {
    if (issue.code === 'unrecognized_keys') return { field: 'body', message: 'has fields that are not known here' };
    return { field: issue.path.join('.') || 'body', message: issue.message };
  });
  const field = errors[0]!.field;
  const isThere = field === 'body' || Object.hasOwn(body, field);
  const code = `${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_${isThere ? 'invalid' : 'missing'}`;
  const detail =
    field === 'body'
      ? 'The body is not what it should be.'
      : `The field ${field} is ${isThere ? 'not what it should be' : 'missing'}.`;
  return new ProblemException(400, code, detail, { errors });
}
