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
