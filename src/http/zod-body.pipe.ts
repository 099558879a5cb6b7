import type { PipeTransform } from '@nestjs/common';
import { type FieldError, ProblemException } from 'nest-gatehouse/common';
import type { z } from 'zod';

/**
 * Checks a request body, JSON or form, against a schema. A refusal is 400 with `code` `<field>_missing` or `<field>_invalid` of the
 * first field that does not fit, and all of them in `errors`.
 */
export class ZodBody<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  transform(body: unknown): T {
    const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
    const result = this.schema.safeParse(fields);
    if (result.success) return result.data;
    throw refusal(result.error.issues, fields);
  }
}

function refusal(issues: readonly z.core.$ZodIssue[], body: object): ProblemException {
  const errors = issues.map((issue): FieldError => ({ field: issue.path.join('.'), message: issue.message }));
  const field = String(issues[0]?.path[0] ?? 'body');
  const fault = field === 'body' || Object.hasOwn(body, field) ? 'invalid' : 'missing';
  const code = `${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_${fault}`;
  const detail =
    fault === 'missing' ? `The field ${field} is missing.` : `The field ${field} is not what it should be.`;
  return new ProblemException(400, code, detail, { errors });
}
