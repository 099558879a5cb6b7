import type { SessionFields, SessionRecord } from './session-record.js';

/** What only a store's own methods may write. */
export type StoreFields = Pick<
  SessionRecord,
  'secretHash' | 'formerSecretHash' | 'formerSecretUntil' | 'secretIssuedAt' | 'data' | 'version' | 'fence'
>;

const NO_METHODS: readonly string[] = Object.freeze([]);
const NO_FIELDS: SessionFields = Object.freeze({});

/**
 * A copy that nobody can change, with other values where they are given (`undefined` is not given). The properties are
 * always in one order, so that all records share one hidden class.
 */
export function frozenRecord(
  record: SessionRecord,
  fields: SessionFields = NO_FIELDS,
  own: StoreFields = record,
): SessionRecord {
  return Object.freeze({
    handle: record.handle,
    secretHash: own.secretHash,
    formerSecretHash: own.formerSecretHash,
    formerSecretUntil: own.formerSecretUntil,
    secretIssuedAt: own.secretIssuedAt,
    userId: fields.userId === undefined ? record.userId : fields.userId,
    username: usernameOf(record, fields),
    userEpoch: fields.userEpoch ?? record.userEpoch,
    authTime: fields.authTime === undefined ? record.authTime : fields.authTime,
    amr: frozenMethods(fields.amr ?? record.amr),
    aal: fields.aal === undefined ? record.aal : fields.aal,
    data: own.data,
    schemaVersion: fields.schemaVersion ?? record.schemaVersion,
    version: own.version,
    fence: own.fence,
    createdAt: record.createdAt,
    lastSeenAt: fields.lastSeenAt ?? record.lastSeenAt,
    countedDay: Math.max(fields.countedDay ?? 0, record.countedDay),
    idleTimeout: fields.idleTimeout ?? record.idleTimeout,
    idleExpiresAt: fields.idleExpiresAt ?? record.idleExpiresAt,
    absoluteExpiresAt: record.absoluteExpiresAt,
    expiresAt: fields.expiresAt ?? record.expiresAt,
    persistent: fields.persistent ?? record.persistent,
    ip: record.ip,
    userAgent: record.userAgent,
    label: fields.label === undefined ? record.label : fields.label,
  });
}

function usernameOf(record: SessionRecord, fields: SessionFields): string | null {
  if (fields.username !== undefined) return fields.username;
  return fields.userId === undefined ? record.username : null;
}

function frozenMethods(amr: readonly string[]): readonly string[] {
  if (amr.length === 0) return NO_METHODS;
  return Object.isFrozen(amr) ? amr : Object.freeze([...amr]);
}
