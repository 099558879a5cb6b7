/** `userId` of the sessions that other programs keep begins with it; ids of accounts must not. */
export const PROGRAM_USER_PREFIX = 'sessman:';

/** Whether a session belongs to a user of another program, who has no account here. */
export function isProgramUser(userId: string | null): boolean {
  return userId?.startsWith(PROGRAM_USER_PREFIX) ?? false;
}

/** With what `userId` of the sessions of a program's namespace begins. A namespace has no colon. */
export function namespacePrefix(namespace: string): string {
  return `${PROGRAM_USER_PREFIX}${namespace}:`;
}
