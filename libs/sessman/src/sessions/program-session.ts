import { hashSecret, newSecret, type Randomness } from 'nest-gatehouse/common';
import {
  namespacePrefix,
  newHandle,
  PROGRAM_USER_PREFIX,
  type SessionFields,
  type SessionRecord,
} from 'nest-gatehouse/session/storage';

/** A session of a program, as the service answers it. */
export interface ProgramSession {
  readonly id: string;
  readonly user: string;
  /** JSON text of one object. */
  readonly data: string;
  readonly expiresAt: number;
  readonly version: number;
}

/** Whose session: users of different namespaces are different users, whatever they are called. */
export interface ProgramUser {
  readonly namespace: string;
  readonly user: string;
}

/** Such a session has one end, which each update moves: the other is the last day that ISO 8601 writes with four digits. */
const NO_ABSOLUTE_END = Date.UTC(9999, 11, 31);

export function programUserId({ namespace, user }: ProgramUser): string {
  return `${namespacePrefix(namespace)}${user}`;
}

/** Null for a session that belongs to no program. A namespace has no colon. */
export function programUserOf(userId: string | null): ProgramUser | null {
  if (!userId?.startsWith(PROGRAM_USER_PREFIX)) return null;
  const rest = userId.slice(PROGRAM_USER_PREFIX.length);
  const end = rest.indexOf(':');
  return end === -1 ? null : { namespace: rest.slice(0, end), user: rest.slice(end + 1) };
}

export function newProgramRecord(
  owner: ProgramUser,
  session: { readonly data: string; readonly ttl: number; readonly now: number },
  randomness: Randomness,
): SessionRecord {
  const { data, ttl, now } = session;
  return {
    handle: newHandle(randomness),
    // Nobody knows this secret, so no cookie opens the session.
    secretHash: hashSecret(newSecret(randomness)),
    formerSecretHash: null,
    formerSecretUntil: 0,
    secretIssuedAt: now,
    userId: programUserId(owner),
    username: owner.user,
    userEpoch: 0,
    authTime: null,
    amr: [],
    aal: null,
    data,
    schemaVersion: 0,
    version: 1,
    fence: 0,
    createdAt: now,
    countedDay: 0,
    idleTimeout: ttl,
    absoluteExpiresAt: NO_ABSOLUTE_END,
    persistent: false,
    ip: null,
    userAgent: null,
    label: null,
    ...expiry(now, ttl),
  };
}

/** What every update writes beside the data: the expiry starts anew. @param createdAt by the clock of any process */
export function expiry(
  now: number,
  ttl: number,
  createdAt = now,
): Required<Pick<SessionFields, 'lastSeenAt' | 'idleExpiresAt' | 'expiresAt'>> {
  const end = Math.min(now + ttl, NO_ABSOLUTE_END);
  return { lastSeenAt: Math.max(now, createdAt), idleExpiresAt: end, expiresAt: end };
}
