import { iso, isoOr } from '../terms/times.js';
import type { AuditedSession, AuditEntry } from 'nest-gatehouse/auth/storage';
import type { SessionInfo } from 'nest-gatehouse/session';
import { deviceName } from 'nest-gatehouse/session/storage';
import { isProgramUser, PROGRAM_USER_PREFIX } from 'nest-gatehouse/session/storage';

export type SessionState = 'live' | 'anonymous' | 'signed-in' | 'ended';

/** A session as administrators see it in lists. Times are ISO 8601 in UTC; null where the trail does not know. */
export interface SessionView {
  readonly handle: string;
  /** The username, or the name that a program gives its user; null if anonymous. */
  readonly user: string | null;
  readonly userId: string | null;
  /** Of a program; null for all others. */
  readonly namespace: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly createdAt: string | null;
  readonly lastSeenAt: string | null;
  readonly expiresAt: string | null;
  readonly state: SessionState;
}

export function liveView(session: SessionInfo, nameOf: (id: string) => string | null): SessionView {
  const { handle, userId, ip, userAgent, createdAt, lastSeenAt, expiresAt } = session;
  const namespace = namespaceOf(userId);
  return {
    handle,
    user: session.username ?? (userId === null ? null : nameOf(userId)),
    userId,
    namespace,
    ip,
    device: deviceName(userAgent),
    createdAt: iso(createdAt),
    lastSeenAt: iso(lastSeenAt),
    expiresAt: iso(expiresAt),
    state: userId === null ? 'anonymous' : namespace === null ? 'signed-in' : 'live',
  };
}

/** @param entry of the type `session.ended` */
export function endedView(entry: AuditEntry, nameOf: (id: string) => string | null): SessionView {
  const { userId, session = null } = entry;
  return {
    handle: entry.handle!,
    user: session?.username ?? (userId === null ? null : nameOf(userId)),
    userId,
    namespace: null,
    ip: session?.ip ?? null,
    device: deviceName(session?.userAgent ?? null),
    createdAt: isoOr(session?.createdAt),
    lastSeenAt: isoOr(session?.lastSeenAt),
    expiresAt: isoOr(session && endOf(session)),
    state: 'ended',
  };
}

export function endOf({ idleExpiresAt, absoluteExpiresAt }: AuditedSession): number {
  return Math.min(idleExpiresAt, absoluteExpiresAt);
}

/** The namespace in `sessman:NAMESPACE:USER`. */
function namespaceOf(userId: string | null): string | null {
  return isProgramUser(userId) ? userId!.slice(PROGRAM_USER_PREFIX.length).split(':', 1)[0]! : null;
}
