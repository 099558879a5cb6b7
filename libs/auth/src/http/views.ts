import { describeSession, type Session } from 'nest-gatehouse/session';
import type { SignedInUser } from '../storage/user-record.js';

/** Times are ISO 8601 in UTC. */
export interface ActiveSessionView {
  readonly active: true;
  readonly handle: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly idleExpiresAt: string;
  readonly absoluteExpiresAt: string;
  readonly persistent: boolean;
}

/** The answer of a sign-in, and of `GET /auth/me`. */
export interface SignedInView {
  readonly user: SignedInUser;
  readonly session: ActiveSessionView;
}

export function viewSignedIn(
  { id, username, roles, mustChangePassword }: SignedInUser,
  session: Session | undefined,
): SignedInView {
  const active = viewSession(session);
  if (!active) throw new TypeError('A signed-in request has a stored session.');
  return { user: { id, username, roles, mustChangePassword }, session: active };
}

/** Null while nothing is stored. */
export function viewSession(session: Session | undefined): ActiveSessionView | null {
  const info = describeSession(session);
  return (
    info && {
      active: true,
      handle: info.handle,
      createdAt: isoTime(info.createdAt),
      lastSeenAt: isoTime(info.lastSeenAt),
      idleExpiresAt: isoTime(info.idleExpiresAt),
      absoluteExpiresAt: isoTime(info.absoluteExpiresAt),
      persistent: info.persistent,
    }
  );
}

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
