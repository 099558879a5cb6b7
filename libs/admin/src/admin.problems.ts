import { BadCursorError, ProblemException } from 'nest-gatehouse/common';

export function sessionNotFound(): ProblemException {
  const detail = 'There is no session with this handle, and the audit trail does not know one.';
  return new ProblemException(404, 'session_not_found', detail);
}

export function sessionOver(): ProblemException {
  return new ProblemException(409, 'session_ended', 'This session has ended, and an ended one is never live again.');
}

export function userNotFound(): ProblemException {
  return new ProblemException(404, 'user_not_found', 'There is no such user.');
}

export function jobNotFound(): ProblemException {
  return new ProblemException(404, 'job_not_found', 'There is no such job; jobs are kept for a day.');
}

export function filterEmpty(): ProblemException {
  const message = 'has no condition; add one, or "all": true to end every session there is';
  return new ProblemException(400, 'filter_invalid', 'The filter would match every session.', {
    errors: [{ field: 'filter', message }],
  });
}

function fieldInvalid(field: string, code: string, message: string): ProblemException {
  return new ProblemException(400, code, `The field ${field} is not what it should be.`, {
    errors: [{ field, message }],
  });
}

export function cursorInvalid(): ProblemException {
  return fieldInvalid('cursor', 'cursor_invalid', 'not one that this list gave out; start again without it');
}

/** @throws 400 `cursor_invalid` for a cursor that the list did not give out */
export async function orCursorInvalid<T>(list: Promise<T>): Promise<T> {
  try {
    return await list;
  } catch (error) {
    throw error instanceof BadCursorError ? cursorInvalid() : error;
  }
}

/** The application does not import the module that keeps this. */
export function notInstalled(what: string, module: string): ProblemException {
  return new ProblemException(
    404,
    'not_installed',
    `This application keeps no ${what}; it would have to import ${module}.`,
  );
}

export function pageNotFound(): ProblemException {
  return new ProblemException(404, 'not_found', 'There is no such page.');
}
