import type { Awaitable } from 'nest-gatehouse/common';

export type AuditType =
  | 'login.ok'
  | 'login.failed'
  | 'login.throttled'
  | 'login.refused'
  | 'logout'
  | 'session.renewed'
  | 'session.ended'
  | 'session.refused'
  | 'reauthenticated'
  | 'password.changed'
  | 'password.reset'
  | 'password.change_required'
  | 'user.created'
  | 'user.roles_changed'
  | 'user.disabled'
  | 'user.enabled'
  | 'user.unlocked'
  | 'access.denied'
  | 'access.not_signed_in'
  | 'access.recent_auth_required'
  | 'access.password_change_required'
  | 'object.denied'
  | 'cross_site.refused'
  | 'csrf.refused'
  | 'store.failed'
  | 'entries.left_out';

/** Who, what, when, where (OWASP ASVS 5.0, 16.2.1). No secret, no password, no data. */
export interface AuditEntry {
  /** Unique, and sorted as text in the order of time. Lists page by it. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: AuditType;
  /** Who did it, if known. */
  readonly actorId: string | null;
  /** The account it was done to, if any. `find` filters by it. */
  readonly userId: string | null;
  /** As it was typed at a login that named no account, at most 128 code points. */
  readonly username: string | null;
  /** The session's public handle. */
  readonly handle: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** A few fixed words: a reason, a route, names of roles. */
  readonly detail: string | null;
}

export interface AuditFilter {
  readonly userId?: string;
  readonly type?: AuditType;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number;
  /** Exclusive. */
  readonly before?: number;
}

export interface AuditPage {
  /** 1 to 200. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

export interface AuditList {
  /** Newest first. */
  readonly items: readonly AuditEntry[];
  readonly next: string | null;
}

/** Append-only; entries are removed only by age. The class is its own injection token. */
export abstract class AuditLog {
  abstract append(entry: AuditEntry): Awaitable<void>;

  /** By id, descending. @throws BadCursorError */
  abstract find(filter: AuditFilter, page: AuditPage): Awaitable<AuditList>;

  /** Removes at most `limit` entries older than this. @returns how many. */
  abstract expire(before: number, limit: number): Awaitable<number>;
}
