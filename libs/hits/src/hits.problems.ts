import { ProblemException } from 'nest-gatehouse/common';

/** The range of a question does not fit. */
export function rangeInvalid(field: 'from' | 'to', message: string): ProblemException {
  return new ProblemException(400, `${field}_invalid`, `The field ${field} is not what it should be.`, {
    errors: [{ field, message }],
  });
}
