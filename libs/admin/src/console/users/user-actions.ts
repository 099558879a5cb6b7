import type { AccountDetails } from '../../accounts/account-views.js';
import type { ActionPage } from '../console-page.js';

/** What an administrator can do to an account, each on a page of its own below the account's. */
export const USER_ACTIONS = {
  disable: ({ username, sessions }) => ({
    title: `Disable ${username}`,
    lead: `${username} can no longer sign in, and ${ending(sessions)}. You can enable the account again.`,
    button: `Disable ${username}`,
    isDangerous: true,
  }),
  enable: ({ username }) => ({
    title: `Enable ${username}`,
    lead: `${username} can sign in again, with the password as it was.`,
    button: `Enable ${username}`,
  }),
  unlock: ({ username, failures }) => ({
    title: `Unlock ${username}`,
    lead: `The ${count(failures, 'failed sign-in')} of ${username} will count no more, and the next attempt is looked at.`,
    button: `Unlock ${username}`,
  }),
  roles: ({ username, roles }) => ({
    title: `Roles of ${username}`,
    lead: `They hold from the next request of ${username} on.`,
    button: `Change the roles of ${username}`,
    fields: [
      {
        name: 'roles',
        label: 'Roles',
        type: 'text',
        value: roles.join(', '),
        hint: 'Separated by commas. May stay empty.',
      },
    ],
  }),
  'require-password-change': ({ username }) => ({
    title: `Require a new password of ${username}`,
    lead: `${username} can do nothing else until the password is changed.`,
    button: 'Require a new password',
  }),
  'end-sessions': ({ username, sessions }) => ({
    title: `End the sessions of ${username}`,
    lead:
      sessions === 0
        ? `${username} has no live session, so there is nothing to end.`
        : `${upperFirst(ending(sessions))} at once. ${username} can sign in again.`,
    button: sessions === 0 ? null : `End ${count(sessions, 'session')} of ${username}`,
    isDangerous: true,
    typed: sessions > 1 ? { label: 'Type how many sessions will end', expected: String(sessions) } : undefined,
  }),
  delete: ({ username, sessions }) => ({
    title: `Delete ${username}`,
    lead: `The account, its keys and everything kept about it are erased, and ${ending(sessions)}. This cannot be undone.`,
    button: `Delete ${username}`,
    isDangerous: true,
    typed: { label: 'Type the username', expected: username },
  }),
} satisfies Record<string, (user: AccountDetails) => Omit<ActionPage, 'section' | 'back'>>;

export type UserAction = keyof typeof USER_ACTIONS;

export function isUserAction(name: string): name is UserAction {
  return Object.hasOwn(USER_ACTIONS, name);
}

function ending(sessions: number): string {
  if (sessions === 0) return 'no live session ends';
  return sessions === 1 ? 'its 1 session ends' : `its ${sessions} sessions end`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
