/** `userId` of the sessions that other programs keep begins with it; ids of accounts must not. */
export const PROGRAM_USER_PREFIX = 'sessman:';

/** Whether a session belongs to a user of another program, who has no account here. */
export function isProgramUser(userId: string | null): boolean {
  return userId?.startsWith(PROGRAM_USER_PREFIX) ?? false;
}
