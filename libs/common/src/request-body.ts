import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { ProblemException, type FieldError } from './problem.js';

const MAX_ERRORS = 20;

/**
 * Checks a body, JSON or form. A refusal is 400 with the `code` `<field>_missing` or `<field>_invalid` of the first
 * field that does not fit, and all of them, with the place inside the field, in `errors`. The refusal repeats nothing that was sent, not even unknown
 * names. A body that is no object has no fields.
 * @throws ProblemException
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const fields = fieldsOf(body);
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  throw refusal(result.error.issues, fields);
}

/** `parseBody` for `@Body(new BodyOf(schema))` and `@Query(…)`. */
export class BodyOf<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  transform(body: unknown): T {
    return parseBody(this.schema, body);
  }
}

/** A text or a list has no fields. */
function fieldsOf(body: unknown): object {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
}

function refusal(issues: readonly z.core.$ZodIssue[], body: object): ProblemException {
  const errors = issues.slice(0, MAX_ERRORS).map((issue): FieldError => {
    const field = issue.path.join('.') || 'body';
    return {
      field,
      message: issue.code === 'unrecognized_keys' ? 'has fields that are not known here' : issue.message,
    };
  });
  const field = errors[0]!.field.split('.', 1)[0]!;
  const isThere = field === 'body' || Object.hasOwn(body, field);
  const code = `${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_${isThere ? 'invalid' : 'missing'}`;
  const detail =
    field === 'body'
      ? 'The body is not what it should be.'
      : `The field ${field} is ${isThere ? 'not what it should be' : 'missing'}.`;
  return new ProblemException(400, code, detail, { errors });
}
