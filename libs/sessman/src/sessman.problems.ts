import { ProblemException } from 'nest-gatehouse/common';

export function apiKeyRequired(): ProblemException {
  return new ProblemException(401, 'api_key_required', 'Send an API key as Authorization: Bearer gh_…');
}

/** The same for an unknown, expired and revoked key, a wrong secret, and an owner who is gone or disabled. */
export function apiKeyInvalid(): ProblemException {
  return new ProblemException(401, 'api_key_invalid', 'This API key is not accepted.');
}

export function scopeMissing(scope: string): ProblemException {
  return new ProblemException(403, 'scope_missing', `This needs an API key with the scope ${scope}.`);
}

export function apiKeyNotFound(): ProblemException {
  return new ProblemException(404, 'api_key_not_found', 'There is no API key with this id.');
}

export function apiKeyExpired(): ProblemException {
  return new ProblemException(409, 'api_key_expired', 'This API key has expired; create another one.');
}

export function rotatedMeanwhile(): ProblemException {
  return new ProblemException(409, 'conflict', 'The API key was rotated meanwhile; nothing of this was done.');
}

export function ownerInvalid(message: string): ProblemException {
  const errors = [{ field: 'owner', message }];
  return new ProblemException(400, 'owner_invalid', 'This cannot be the owner of an API key.', { errors });
}

/** The same for an unknown, an expired and another namespace's session, and for that of another user. */
export function sessionNotFound(): ProblemException {
  return new ProblemException(404, 'session_not_found', 'There is no live session with this id.');
}

export function versionMismatch(): ProblemException {
  return new ProblemException(
    412,
    'version_mismatch',
    'The session has another version than If-Match asks for; nothing was changed. Get it again, and repeat.',
  );
}

export function sessionTooLarge(limit: number): ProblemException {
  return new ProblemException(
    413,
    'session_too_large',
    `A session holds at most ${limit} bytes; what it held before is unchanged.`,
  );
}

export function bodyTooLarge(limit: number): ProblemException {
  return new ProblemException(413, 'body_too_large', `The body may have at most ${limit} bytes; nothing was changed.`);
}

export function bodyEncoded(): ProblemException {
  return new ProblemException(415, 'unsupported_media_type', 'Send the body in UTF-8 and not compressed.');
}

/** @param message what the field should be */
export function fieldInvalid(field: string, message: string): ProblemException {
  const detail = `The field ${field} is not what it should be.`;
  return new ProblemException(400, `${field.toLowerCase().replaceAll('-', '_')}_invalid`, detail, {
    errors: [{ field, message }],
  });
}

export function idempotencyKeyReused(): ProblemException {
  return new ProblemException(
    422,
    'idempotency_key_reused',
    'This Idempotency-Key belongs to another request; use a new key for each request.',
  );
}

/** @param milliseconds until the first request's claim ends */
export function idempotencyInProgress(milliseconds: number): ProblemException {
  return new ProblemException(
    409,
    'idempotency_in_progress',
    'The first request with this Idempotency-Key still runs.',
    {
      retryAfter: seconds(milliseconds),
    },
  );
}

/** @param milliseconds until there is a new minute */
export function rateLimited(milliseconds: number): ProblemException {
  return new ProblemException(429, 'rate_limited', 'This API key has used its requests of this minute.', {
    retryAfter: seconds(milliseconds),
  });
}

export function loopbackOnly(): ProblemException {
  return new ProblemException(
    403,
    'loopback_only',
    'Without API keys this service answers on the loopback interface only.',
  );
}

function seconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1_000));
}
