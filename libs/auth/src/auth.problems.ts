import { type FieldError, ProblemException } from 'nest-gatehouse/common';

const RETRY_SOON = 1;

export function invalidCredentials(): ProblemException {
  return new ProblemException(401, 'invalid_credentials', 'The username or the password is wrong.');
}

export function wrongPassword(): ProblemException {
  return new ProblemException(401, 'invalid_credentials', 'The password is wrong.');
}

/** @param milliseconds until the next attempt would be allowed */
export function tooManyAttempts(milliseconds: number): ProblemException {
  const detail = 'There were too many failed attempts. This one was not looked at; wait, then try again.';
  return new ProblemException(429, 'too_many_attempts', detail, {
    retryAfter: Math.max(1, Math.ceil(milliseconds / 1_000)),
  });
}

export function busy(milliseconds: number): ProblemException {
  const detail = 'Too many people are signing in at this moment. This attempt was not looked at; try again shortly.';
  return new ProblemException(503, 'busy', detail, { retryAfter: Math.max(1, Math.ceil(milliseconds / 1_000)) });
}

export function passwordCheckFailed(): ProblemException {
  const detail = 'The password cannot be checked at this moment; try again shortly.';
  return new ProblemException(503, 'password_check_failed', detail, { retryAfter: RETRY_SOON });
}

export function notSignedIn(): ProblemException {
  return new ProblemException(401, 'not_signed_in', 'This needs a sign-in.');
}

export function noSessionOnTransport(): ProblemException {
  return new ProblemException(
    401,
    'not_signed_in',
    'This needs a sign-in, and a message of this transport has no session.',
  );
}

export function recentAuthRequired(): ProblemException {
  return new ProblemException(
    401,
    'recent_auth_required',
    'This needs the password again: the last time is too long ago.',
  );
}

export function passwordChangeRequired(): ProblemException {
  return new ProblemException(
    403,
    'password_change_required',
    'The password was set by somebody else and must be changed first.',
  );
}

export function forbidden(): ProblemException {
  return new ProblemException(403, 'forbidden', 'This account may not do this.');
}

export function crossSite(): ProblemException {
  return new ProblemException(403, 'cross_site', 'The request came from a page of another site. Nothing was changed.');
}

export function csrfTokenWrong(): ProblemException {
  const detail =
    'The form does not carry the token of this session. Nothing was changed; load the page again and repeat.';
  return new ProblemException(403, 'csrf_token', detail);
}

export function plainTextForm(): ProblemException {
  return new ProblemException(
    415,
    'unsupported_media_type',
    'Send the body as JSON or as a form; text/plain is neither.',
  );
}

export function passwordRejected(field: string, reasons: readonly string[]): ProblemException {
  const errors = reasons.map((message): FieldError => ({ field, message }));
  return new ProblemException(422, 'password_rejected', 'This password cannot be taken; choose another one.', {
    errors,
  });
}

export function sessionLimit(most: number): ProblemException {
  const detail = `This account has ${most} sessions, and no more are allowed. Sign out somewhere else first.`;
  return new ProblemException(409, 'session_limit', detail);
}

export function sessionNotFound(): ProblemException {
  return new ProblemException(404, 'session_not_found', 'You have no session with this handle.');
}

export function badCursor(): ProblemException {
  const message = 'not one that this list gave out; start again without it';
  return new ProblemException(400, 'cursor_invalid', 'The cursor cannot be used.', {
    errors: [{ field: 'cursor', message }],
  });
}

export function changedMeanwhile(): ProblemException {
  return new ProblemException(
    409,
    'conflict',
    'The account was changed meanwhile; nothing of this was done. Try again.',
  );
}

export function userNotFound(): ProblemException {
  return new ProblemException(404, 'user_not_found', 'There is no such user.');
}

export function lastAdministrator(): ProblemException {
  const detail = 'This is the last administrator; give the role admin to another account first.';
  return new ProblemException(409, 'last_administrator', detail);
}

export function deletionNotSupported(): ProblemException {
  const detail = 'The accounts of this application are deleted where they are kept. This one is disabled now.';
  return new ProblemException(501, 'deletion_not_supported', detail);
}

export function usernameTaken(): ProblemException {
  const errors = [{ field: 'username', message: 'taken' }];
  return new ProblemException(409, 'username_taken', 'There is a user of this name already.', { errors });
}

export function usernameInvalid(reason: string): ProblemException {
  const errors = [{ field: 'username', message: reason }];
  return new ProblemException(400, 'username_invalid', 'This cannot be a username.', { errors });
}

/** A redirect after a form. Needs a `Location` header. */
export function seeOther(): ProblemException {
  return new ProblemException(303, 'see_other', 'Continue at the address in the Location header.');
}
