import { describeSession, type Session } from 'nest-gatehouse/session';

export interface ActiveSession {
  readonly active: true;
  readonly handle: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly idleExpiresAt: string;
  readonly absoluteExpiresAt: string;
  readonly persistent: boolean;
}

export type SessionView = ActiveSession | { readonly active: false };

/** What visitors can see of their own session, with times in ISO 8601. */
export function viewSession(session: Session): SessionView {
  const info = describeSession(session);
  if (info === null) return { active: false };
  return {
    active: true,
    handle: info.handle,
    createdAt: isoTime(info.createdAt),
    lastSeenAt: isoTime(info.lastSeenAt),
    idleExpiresAt: isoTime(info.idleExpiresAt),
    absoluteExpiresAt: isoTime(info.absoluteExpiresAt),
    persistent: info.persistent,
  };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
