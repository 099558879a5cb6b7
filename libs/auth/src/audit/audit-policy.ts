import type { AuditType } from '../storage/audit-log.js';

/**
 * How many entries of one type are written in a minute. Further ones are counted and summed up in one entry at the end
 * of the minute, so that nobody can flood the trail, or hide something in it by flooding (OWASP ASVS 5.0, 16.3.3). Each
 * process counts its own entries.
 */
export interface AuditPolicy {
  /** At most for one user: the one who did it, or whose session it was. */
  readonly perUser: number;
  /** At most for one client network: for entries without a user, and separately for those of all its users together. */
  readonly perNetwork: number;
  /** This many of each user, or of each network, are always written, so that a flood by others cannot hide them. */
  readonly first: number;
  /** After the first ones, at most for all users and networks together, so that many of them cannot flood the trail. */
  readonly shared: number;
  /** Each detail has its own cap: a sign of theft must not share one with noise. */
  readonly byDetail?: true;
}

/** An act of an administrator, of the command line, or of the trail itself: always written. */
const ALWAYS = null;

/**
 * Each one needs a correct password, with its slow hash and its turn in the queue. Users of one network do not limit
 * each other.
 */
const BY_PASSWORD: AuditPolicy = { perUser: 60, perNetwork: Infinity, first: 60, shared: 600 };

/** What any user can cause as often as they like. */
const BY_SESSION: AuditPolicy = { perUser: 30, perNetwork: 120, first: 5, shared: 600 };

/** What anybody can cause as often as they like. */
const BY_ANYBODY: AuditPolicy = { perUser: 30, perNetwork: 30, first: 2, shared: 300 };

/** The policy of each type; null: always written. */
export const AUDIT_POLICIES: Readonly<Record<AuditType, AuditPolicy | null>> = {
  'login.ok': BY_PASSWORD,
  // As many as `networkLimit` allows by default, so that all of them are written.
  'login.failed': { ...BY_ANYBODY, perNetwork: 100, byDetail: true },
  'login.throttled': BY_ANYBODY,
  'login.refused': { ...BY_ANYBODY, byDetail: true },
  logout: BY_PASSWORD,
  'session.renewed': BY_SESSION,
  'session.ended': BY_PASSWORD,
  'session.refused': { ...BY_ANYBODY, byDetail: true },
  'session.conflict': BY_SESSION,
  'session.extended': ALWAYS,
  'sessions.ended': ALWAYS,
  reauthenticated: BY_PASSWORD,
  'password.changed': BY_PASSWORD,
  'password.reset': ALWAYS,
  'password.change_required': ALWAYS,
  'user.created': ALWAYS,
  'user.roles_changed': ALWAYS,
  'user.disabled': ALWAYS,
  'user.enabled': ALWAYS,
  'user.unlocked': ALWAYS,
  'user.deleted': ALWAYS,
  'user.exported': ALWAYS,
  'api_key.created': ALWAYS,
  'api_key.rotated': ALWAYS,
  'api_key.revoked': ALWAYS,
  'api_key.refused': BY_ANYBODY,
  'access.denied': BY_SESSION,
  // Caused by anybody who opens a page without a session: mostly noise.
  'access.not_signed_in': { perUser: 10, perNetwork: 10, first: 1, shared: 100 },
  'access.recent_auth_required': BY_SESSION,
  'access.password_change_required': BY_SESSION,
  'object.denied': BY_SESSION,
  'cross_site.refused': BY_ANYBODY,
  'csrf.refused': BY_SESSION,
  // These have neither user nor network, so only `shared` counts, for each operation of a store.
  'store.failed': { perUser: 0, perNetwork: 0, first: 0, shared: 5, byDetail: true },
  'entries.left_out': ALWAYS,
};

/**
 * The user that the entry is counted for: the one whose session ended, else the one who did it. So an administrator may
 * end the sessions of many users.
 */
export function countedUser(type: AuditType, { actorId, userId }: { actorId?: string | null; userId?: string | null }) {
  return (type === 'session.ended' ? userId : actorId) ?? null;
}
