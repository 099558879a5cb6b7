import { clientAddress } from 'nest-gatehouse/common';
import type { ResolvedSessionOptions } from '../session.options.js';
import type { EndedSession } from '../storage/session-index.js';
import { isProgramUser } from '../storage/program-user.js';
import type { SessionFields, SessionRecord } from '../storage/session-record.js';

/** Who is signed in, and how they proved it. */
export interface SessionIdentity {
  readonly userId: string | null;
  /** The account's canonical username. Default: unknown. */
  readonly username?: string | null;
  readonly userEpoch: number;
  readonly authTime: number | null;
  readonly amr: readonly string[];
  readonly aal: number | null;
}

const NO_METHODS: readonly string[] = Object.freeze([]);
export const ANONYMOUS: SessionIdentity = { userId: null, userEpoch: 0, authTime: null, amr: NO_METHODS, aal: null };

const USER_AGENT_LENGTH = 512;
const ADDRESS_LENGTH = 64;

export interface NewSession {
  readonly handle: string;
  readonly secretHash: string;
  readonly data: string;
  readonly now: number;
  readonly identity?: SessionIdentity;
  /** Milliseconds; makes the session persistent and its idle time this long. */
  readonly idleTimeout?: number;
  readonly persistent?: boolean;
  /** Only for a session that continues under a new handle. */
  readonly absoluteExpiresAt?: number;
  readonly ip?: string | null;
  readonly userAgent?: string | null;
  readonly label?: string | null;
}

/** What the caller decides about a new record, beside its data. */
export type NewSessionTraits = Pick<
  NewSession,
  'identity' | 'absoluteExpiresAt' | 'persistent' | 'idleTimeout' | 'label'
>;

export function newRecord(options: ResolvedSessionOptions, session: NewSession): SessionRecord {
  const { handle, secretHash, data, now } = session;
  const { userId, username = null, userEpoch, authTime, amr, aal } = session.identity ?? ANONYMOUS;
  const idleTimeout = session.idleTimeout ?? options.idleTimeout;
  const idleExpiresAt = now + idleTimeout;
  const absoluteExpiresAt = session.absoluteExpiresAt ?? now + options.absoluteTimeout;
  return {
    handle,
    secretHash,
    formerSecretHash: null,
    formerSecretUntil: 0,
    secretIssuedAt: now,
    userId,
    username,
    userEpoch,
    authTime,
    amr,
    aal,
    data,
    schemaVersion: options.schema?.version ?? 0,
    version: 1,
    fence: 0,
    createdAt: now,
    lastSeenAt: now,
    countedDay: dayOf(now),
    idleTimeout,
    idleExpiresAt,
    absoluteExpiresAt,
    expiresAt: Math.min(idleExpiresAt, absoluteExpiresAt),
    persistent: session.persistent ?? options.cookie.persistent,
    ip: clientAddress(session.ip) ?? session.ip?.slice(0, ADDRESS_LENGTH) ?? null,
    userAgent: session.userAgent?.slice(0, USER_AGENT_LENGTH) ?? null,
    label: session.label ?? null,
  };
}

/**
 * The fields that a touch writes: seen now, and the idle end moved, never past the absolute end. A clock behind that of
 * the process which created the session has seen it when it was created.
 */
export function activity(record: SessionRecord, now: number, idleTimeout = record.idleTimeout): SessionFields {
  const idleExpiresAt = now + idleTimeout;
  return {
    lastSeenAt: Math.max(now, record.createdAt),
    idleTimeout,
    idleExpiresAt,
    expiresAt: Math.min(idleExpiresAt, record.absoluteExpiresAt),
  };
}

/** A clock that was set back makes a touch due as well, so that no idle end stays in the far future. */
export function isTouchDue(record: SessionRecord, now: number, touchInterval: number): boolean {
  // By the clock of the process that touched it, even if that was before the session was created by another's.
  const touchedAt = Math.min(record.lastSeenAt, record.idleExpiresAt - record.idleTimeout);
  const sinceTouch = now - touchedAt;
  return sinceTouch >= touchInterval || sinceTouch < 0;
}

const DAY = 86_400_000;

/** The UTC day, in days since 1970-01-01. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY);
}

/** Whether the session has not been counted as used today. Those of programs are never counted. */
export function isCountDue({ countedDay, userId }: SessionRecord, now: number): boolean {
  return countedDay < dayOf(now) && !isProgramUser(userId);
}

/** Which of its two ends a session has reached, or null if neither. */
export function expiryOf({ idleExpiresAt, absoluteExpiresAt }: EndedSession, now: number): 'idle' | 'absolute' | null {
  if (Math.min(idleExpiresAt, absoluteExpiresAt) > now) return null;
  return idleExpiresAt < absoluteExpiresAt ? 'idle' : 'absolute';
}
