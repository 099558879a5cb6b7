/**
 * One session as a store keeps it. Times are milliseconds since the epoch. A record is a value: nobody changes one
 * in place, and a store never shares one by reference.
 */
export interface SessionRecord {
  /** 16 random bytes in base64url (22 characters). Public: lists, logs and paths show it. */
  readonly handle: string;
  /** SHA-256 of the secret, base64url (43 characters). The secret itself is kept nowhere. */
  readonly secretHash: string;
  /** The hash before the last renewal, or null. It opens the session until `formerSecretUntil`. */
  readonly formerSecretHash: string | null;
  /** 0 where there is no former secret. */
  readonly formerSecretUntil: number;
  readonly secretIssuedAt: number;
  readonly userId: string | null;
  /** The account's canonical username, or the name that a program gives its user; null if anonymous or unknown. */
  readonly username: string | null;
  /** The user's epoch when the session was created. Once the user's epoch is higher, the session is revoked. */
  readonly userEpoch: number;
  /** When the user last proved who they are (OpenID Connect `auth_time`), or null. */
  readonly authTime: number | null;
  /** How (RFC 8176), for example `['pwd']`. */
  readonly amr: readonly string[];
  /** Authenticator assurance level (NIST SP 800-63B-4), or null. */
  readonly aal: number | null;
  /** JSON text of one object; any keys are allowed. */
  readonly data: string;
  /** Version of the application's own data schema, 0 where it has none. */
  readonly schemaVersion: number;
  /** Starts at 1 and rises by one with each change of `data`. */
  readonly version: number;
  /** The highest fence under which a lock holder has read or written; 0 if none has. */
  readonly fence: number;
  readonly createdAt: number;
  /** Never before `createdAt`, whatever the clocks of two processes say: whoever writes it sees to that. */
  readonly lastSeenAt: number;
  /** The UTC day on which the session was last counted as used, in days since 1970-01-01; 0 if never. */
  readonly countedDay: number;
  /** This session's own idle time in milliseconds. */
  readonly idleTimeout: number;
  readonly idleExpiresAt: number;
  /** Written once, never moved (OWASP ASVS 5.0, 7.3.2). */
  readonly absoluteExpiresAt: number;
  /** The earlier of the two ends, which a TTL index or a sweep looks at. */
  readonly expiresAt: number;
  /** Whether the cookie outlives the browser. */
  readonly persistent: boolean;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** A name that the application or the user gave this session, or null. */
  readonly label: string | null;
}

/** What lists show: everything but the hashes and the data. */
export type SessionSummary = Omit<
  SessionRecord,
  'secretHash' | 'formerSecretHash' | 'formerSecretUntil' | 'data' | 'schemaVersion' | 'fence'
>;

/**
 * The fields beside the data that an update may write. `expiresAt` must be the earlier of the two ends. A `userId` given
 * without a `username` is that of a user whose name is unknown. `countedDay` only moves forward. `lastSeenAt` must not be
 * before the record's `createdAt`, because indexes look for it from there.
 */
export type SessionFields = Partial<
  Pick<
    SessionRecord,
    | 'userId'
    | 'username'
    | 'userEpoch'
    | 'authTime'
    | 'amr'
    | 'aal'
    | 'schemaVersion'
    | 'lastSeenAt'
    | 'countedDay'
    | 'idleTimeout'
    | 'idleExpiresAt'
    | 'expiresAt'
    | 'persistent'
    | 'label'
  >
>;

export function toSummary(record: SessionRecord): SessionSummary {
  const { secretHash, formerSecretHash, formerSecretUntil, data, schemaVersion, fence, ...summary } = record;
  return summary;
}
