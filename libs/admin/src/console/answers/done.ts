import type { Fields } from './page-query.js';

/** What the previous form has done, by the word that stands in the address. */
const DONE = {
  'session-ended': 'The session has ended.',
  extended: 'The session was extended.',
  disabled: 'The account is disabled, and its sessions have ended.',
  enabled: 'The account is enabled.',
  unlocked: 'The account is unlocked.',
  roles: 'The roles were changed.',
  'password-change': 'A new password is required before anything else.',
  'sessions-ended': 'The account’s sessions have ended.',
  deleted: 'The account is deleted.',
  revoked: 'The key is revoked.',
} as const;

export type Done = keyof typeof DONE;

/** Null for anything but one of the known words. */
export function doneOf({ done }: Fields): string | null {
  return done !== undefined && Object.hasOwn(DONE, done) ? DONE[done as Done] : null;
}
