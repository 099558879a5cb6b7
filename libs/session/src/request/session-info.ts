import type { SessionControls } from '../session.types.js';
import { stateOf } from './session-verbs.js';
import type { SessionSummary } from '../storage/session-record.js';

/** What may be shown of a stored session: no hash, no data. Times are milliseconds since the epoch. */
export interface SessionInfo {
  readonly handle: string;
  readonly userId: string | null;
  /** The account's canonical username, or the name that a program gives its user; null if anonymous or unknown. */
  readonly username: string | null;
  /** The user's epoch when the session was created. */
  readonly userEpoch: number;
  readonly authTime: number | null;
  readonly amr: readonly string[];
  readonly aal: number | null;
  readonly createdAt: number;
  readonly secretIssuedAt: number;
  readonly lastSeenAt: number;
  /** When it ends without another request; never after `absoluteExpiresAt`. */
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly expiresAt: number;
  readonly persistent: boolean;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly label: string | null;
  /** The version of the data: rises by one with each change. */
  readonly version: number;
}

export function toInfo(record: SessionSummary): SessionInfo {
  return {
    handle: record.handle,
    userId: record.userId,
    username: record.username,
    userEpoch: record.userEpoch,
    authTime: record.authTime,
    amr: record.amr,
    aal: record.aal,
    createdAt: record.createdAt,
    secretIssuedAt: record.secretIssuedAt,
    lastSeenAt: record.lastSeenAt,
    idleExpiresAt: Math.min(record.idleExpiresAt, record.absoluteExpiresAt),
    absoluteExpiresAt: record.absoluteExpiresAt,
    expiresAt: record.expiresAt,
    persistent: record.persistent,
    ip: record.ip,
    userAgent: record.userAgent,
    label: record.label,
    version: record.version,
  };
}

/**
 * The stored session behind a request's session object; null while nothing is stored, and for the session of another
 * library, which a request may have on an excluded path.
 */
export function describeSession(session: SessionControls | undefined): SessionInfo | null {
  const record = stateOf(session)?.copy.record;
  return record ? toInfo(record) : null;
}

/** Whether the request came with a well-formed token that named no live session. */
export function isSessionMissing(session: SessionControls | undefined): boolean {
  return stateOf(session)?.isMissing ?? false;
}
