import { ProblemException } from 'nest-gatehouse/common';

const RETRY_SOON = 1;

export function lockTimeout(): ProblemException {
  const detail = 'Another request holds this session. Try again shortly.';
  return new ProblemException(503, 'lock_timeout', detail, { retryAfter: RETRY_SOON });
}

export function sessionEnded(): ProblemException {
  return new ProblemException(
    401,
    'session_ended',
    'The session ended while this request was running; nothing of it was saved.',
  );
}

export function sessionConflict(keys: readonly string[]): ProblemException {
  const named = keys.map((key) => JSON.stringify(key)).join(', ');
  return new ProblemException(
    409,
    'conflict',
    `Another request changed ${named || 'this session'} meanwhile; read it again and repeat.`,
  );
}

export function sessionTooLarge(limit: number): ProblemException {
  return new ProblemException(
    413,
    'session_too_large',
    `A session holds at most ${limit} bytes; what it held before is unchanged.`,
  );
}

/** @param milliseconds until the client's network has its share again */
export function tooManySessions(milliseconds: number): ProblemException {
  const detail =
    'Too much was kept for new visitors from your network within a minute. Nothing of this was stored; wait, then try again.';
  return new ProblemException(429, 'too_many_sessions', detail, {
    retryAfter: Math.max(1, Math.ceil(milliseconds / 1_000)),
  });
}

export function tooManyTokens(): ProblemException {
  const detail =
    'The request came with several tokens of a session, so a new one would open nothing. Delete the cookies of this site, then sign in again.';
  return new ProblemException(400, 'too_many_tokens', detail);
}

/** @param where the value is, and what it is */
export function sessionNotJson({ path, reason }: { readonly path: string; readonly reason: string }): ProblemException {
  return new ProblemException(
    500,
    'session_not_json',
    `The session value ${JSON.stringify(path)} ${reason}, which cannot be kept as JSON; nothing was saved.`,
  );
}

export function sessionTooDeep(key: string): ProblemException {
  return new ProblemException(
    413,
    'session_too_large',
    `The session value ${JSON.stringify(key)} is nested too deeply; what the session held before is unchanged.`,
  );
}

export function noSession(): ProblemException {
  return new ProblemException(401, 'no_session', 'This needs a session, and the request has none.');
}

export function noSessionOnSocket(): ProblemException {
  const detail =
    'Nothing was stored: this would open a session, and its token cannot be sent over a socket. Let an HTTP request open it, then connect again.';
  return new ProblemException(409, 'no_session_on_socket', detail);
}

export function noSecretOnSocket(): ProblemException {
  const detail =
    'Nothing was changed: this would give the session a new token, which cannot be sent over a socket. Do it in an HTTP request.';
  return new ProblemException(409, 'no_secret_on_socket', detail);
}

export function internalError(cause: unknown): ProblemException {
  const detail = 'Something went wrong on our side; nothing was saved. It has been logged; try again later.';
  return new ProblemException(500, 'internal_error', detail, { cause });
}
