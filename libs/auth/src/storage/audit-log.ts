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
  | 'session.conflict'
  | 'session.extended'
  | 'sessions.ended'
  | 'reauthenticated'
  | 'password.changed'
  | 'password.reset'
  | 'password.change_required'
  | 'user.created'
  | 'user.roles_changed'
  | 'user.disabled'
  | 'user.enabled'
  | 'user.unlocked'
  | 'user.deleted'
  | 'user.exported'
  | 'api_key.created'
  | 'api_key.rotated'
  | 'api_key.revoked'
  | 'api_key.refused'
  | 'access.denied'
  | 'access.not_signed_in'
  | 'access.recent_auth_required'
  | 'access.password_change_required'
  | 'object.denied'
  | 'cross_site.refused'
  | 'csrf.refused'
  | 'store.failed'
  | 'entries.left_out';

/** What stands for an account in the trail. */
export interface AuditedAccount {
  readonly id: string;
  /** As it was written, and its canonical form. */
  readonly usernames: readonly string[];
}

/** A session as it was when it ended. Times are milliseconds since the epoch. */
export interface AuditedSession {
  readonly username: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly authTime: number | null;
  readonly amr: readonly string[];
}

/** Who, what, when, where (OWASP ASVS 5.0, 16.2.1). No secret, no password, no data. */
export interface AuditEntry {
  /** Unique, and sorted as text in the order of time. Lists page by it. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: AuditType;
  /** Who did it, if known. */
  readonly actorId: string | null;
  /** The account it was done to, if any. */
  readonly userId: string | null;
  /** As it was typed at a login that named no account, at most 128 code points. */
  readonly username: string | null;
  /** The session's public handle. */
  readonly handle: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** A few fixed words: a reason, a route, names of roles. */
  readonly detail: string | null;
  /** Of `session.ended`; null or absent for all others. */
  readonly session?: AuditedSession | null;
}

/** All given conditions must hold. */
export interface AuditFilter {
  /** `userId` of the entry. */
  readonly userId?: string;
  readonly actorId?: string;
  readonly type?: AuditType;
  /** As it stands in the entry. */
  readonly username?: string;
  /** Exactly. */
  readonly ip?: string;
  readonly handle?: string;
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

/**
 * Append-only: entries are removed by age, and the id and name of an account that was deleted can be replaced. The class is
 * its own injection token.
 */
export abstract class AuditLog {
  abstract append(entry: AuditEntry): Awaitable<void>;

  /** All or, if the store fails, possibly some of them. Default: one after the other. */
  async appendAll(entries: readonly AuditEntry[]): Promise<void> {
    for (const entry of entries) await this.append(entry);
  }

  /** By id, descending. @throws BadCursorError */
  abstract find(filter: AuditFilter, page: AuditPage): Awaitable<AuditList>;

  abstract count(filter: AuditFilter): Awaitable<number>;

  /**
   * Replaces an account's id and username by the pseudonym wherever they stand as `userId`, `actorId` or `username`, in
   * at most `limit` entries. @returns in how many; call again until it returns 0.
   */
  abstract pseudonymise(account: AuditedAccount, pseudonym: string, limit: number): Awaitable<number>;

  /** Removes at most `limit` entries older than this. @returns how many. */
  abstract expire(before: number, limit: number): Awaitable<number>;
}
