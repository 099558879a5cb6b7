import type { AuditType } from '../storage/audit-log.js';

/**
 * How many entries of one type are written in a minute. What is beyond is counted, and summed up in one entry when the minute is over, so that nobody can
 * flood the trail, and nobody can blind it by flooding (OWASP ASVS 5.0, 16.3.3). All of it is counted in the process that writes.
 */
export interface AuditPolicy {
  /** For one user: the one who did it, or whose session it was. */
  readonly perUser: number;
  /** For one client network: of entries without a user, and, apart from these, of all its users together. */
  readonly perNetwork: number;
  /** So many of each user, or of each network, are written whatever others do: a flood cannot hide those who cause little. */
  readonly first: number;
  /** Beyond the first, for all users and networks together: many of them cannot flood the trail. */
  readonly shared: number;
  /** Each of its details has a cap of its own: a sign of theft must not share one with noise. */
  readonly byDetail?: true;
}

/** An act of an administrator, of the command line, or of the trail itself: always written. */
const ALWAYS = null;

/** Each one costs its user a password: a slow hash, and a turn in its queue. Users of one network are not each other's noise. */
const BY_PASSWORD: AuditPolicy = { perUser: 60, perNetwork: Infinity, first: 60, shared: 600 };

/** What any user can cause as often as they like. */
const BY_SESSION: AuditPolicy = { perUser: 30, perNetwork: 120, first: 5, shared: 600 };

/** What anybody can cause as often as they like. */
const BY_ANYBODY: AuditPolicy = { perUser: 30, perNetwork: 30, first: 2, shared: 300 };

/** The one place that says what is written how often. */
export const AUDIT_POLICIES: Readonly<Record<AuditType, AuditPolicy | null>> = {
  'login.ok': BY_PASSWORD,
  // As many as `networkLimit` allows by default, so that all of them are seen.
  'login.failed': { ...BY_ANYBODY, perNetwork: 100, byDetail: true },
  'login.throttled': BY_ANYBODY,
  'login.refused': { ...BY_ANYBODY, byDetail: true },
  logout: BY_PASSWORD,
  'session.renewed': BY_SESSION,
  'session.ended': BY_PASSWORD,
  'session.refused': { ...BY_ANYBODY, byDetail: true },
  reauthenticated: BY_PASSWORD,
  'password.changed': BY_PASSWORD,
  'password.reset': ALWAYS,
  'password.change_required': ALWAYS,
  'user.created': ALWAYS,
  'user.roles_changed': ALWAYS,
  'user.disabled': ALWAYS,
  'user.enabled': ALWAYS,
  'user.unlocked': ALWAYS,
  'access.denied': BY_SESSION,
  // Whoever opens a page without a session: mostly noise.
  'access.not_signed_in': { perUser: 10, perNetwork: 10, first: 1, shared: 100 },
  'access.recent_auth_required': BY_SESSION,
  'access.password_change_required': BY_SESSION,
  'object.denied': BY_SESSION,
  'cross_site.refused': BY_ANYBODY,
  'csrf.refused': BY_SESSION,
  // Of nobody: each operation of a store has the shared ones.
  'store.failed': { perUser: 0, perNetwork: 0, first: 0, shared: 5, byDetail: true },
  'entries.left_out': ALWAYS,
};

/** Whose user the entry counts for: whose session ended, else who did it. An administrator who ends the sessions of many has many shares. */
export function countedUser(type: AuditType, { actorId, userId }: { actorId?: string | null; userId?: string | null }) {
  return (type === 'session.ended' ? userId : actorId) ?? null;
}
