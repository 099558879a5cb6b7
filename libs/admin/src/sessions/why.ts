import type { EndReason } from 'nest-gatehouse/session';
import type { EndedBy } from './end-facts.js';

/** What is known of an ended session. Times are ISO 8601 in UTC; null where the trail does not know. */
export interface EndFacts {
  readonly reason: EndReason;
  readonly by: EndedBy;
  readonly endedAt: string;
  readonly idleExpiresAt: string | null;
  readonly absoluteExpiresAt: string | null;
}

/** Why it ended, in one sentence for people. */
export function whyEnded(facts: EndFacts): string {
  return `It ended at ${facts.endedAt}: ${CAUSES[facts.reason](facts)}.`;
}

const CAUSES: Readonly<Record<EndReason, (facts: EndFacts) => string>> = {
  idle: ({ idleExpiresAt }) =>
    `nobody used it${idleExpiresAt === null ? ' for its idle time' : ` until ${idleExpiresAt}`}`,
  absolute: ({ absoluteExpiresAt }) =>
    `it had lived as long as any session may${absoluteExpiresAt === null ? '' : `, until ${absoluteExpiresAt}`}`,
  logout: ({ by }) => `${byWhom(by)} signed out with it`,
  logout_elsewhere: ({ by }) => `${byWhom(by)} ended it from another device`,
  administrator: ({ by }) => (by.kind === 'system' ? 'the application ended it' : `${byWhom(by)} ended it`),
  password_changed: ({ by }) => `${byWhom(by)} changed the password, which ends the user’s other sessions`,
  disabled: ({ by }) => `${byWhom(by)} disabled the account`,
  deleted: ({ by }) => `${byWhom(by)} deleted the account`,
  limit: () => 'the user signed in once more, and only so many sessions are allowed at a time; this was the oldest',
  replaced: () => 'a new session took its place, as at each sign-in',
  evicted: () => 'the store was full, and it was the one used longest ago',
};

function byWhom({ kind, name }: EndedBy): string {
  const named = name === null ? '' : ` ${name}`;
  if (kind === 'system') return 'somebody';
  if (kind === 'command-line') return 'somebody at the command line';
  return kind === 'user' ? `its user${named}` : `the administrator${named}`;
}

/** Of a session that lives. */
export interface LiveFacts {
  readonly endsBecause: 'idle' | 'absolute';
  readonly expiresAt: string;
  /** The latest refusal, if it came after the last use. */
  readonly lost: { readonly type: 'secret_refused' | 'data_invalid'; readonly at: string } | null;
}

/** How it stands with a live session, in one sentence for people. */
export function whyLive({ endsBecause, expiresAt, lost }: LiveFacts): string {
  if (lost?.type === 'secret_refused') {
    return `It lives, but at ${lost.at} somebody came with a secret that is not its own, and was not let in: with an old cookie, or a stolen one.`;
  }
  if (lost?.type === 'data_invalid') {
    return `It lives, but since ${lost.at} its data does not fit the application’s schema, so its holder counts as having no session.`;
  }
  return endsBecause === 'idle'
    ? `It is live, and ends at ${expiresAt} unless it is used before.`
    : `It is live, and ends at ${expiresAt}, however much it is used.`;
}
