import { ProblemException } from 'nest-gatehouse/common';

const ROLE = /^[A-Za-z][A-Za-z0-9:_-]{0,63}$/;
const MAX_ROLES = 32;

/** Null if these can be a user's roles. */
export function rolesProblem(roles: readonly string[]): ProblemException | null {
  if (roles.length <= MAX_ROLES && roles.every((role) => ROLE.test(role)) && new Set(roles).size === roles.length)
    return null;
  const message = `expected at most ${MAX_ROLES} different words of letters, digits, ':', '_' or '-'`;
  return new ProblemException(400, 'roles_invalid', 'These cannot be roles.', {
    errors: [{ field: 'roles', message }],
  });
}
