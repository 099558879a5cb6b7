import {
  addressKey,
  deviceKey,
  type EndedSession,
  type SessionFields,
  type SessionRecord,
  type SessionSummary,
} from 'nest-gatehouse/session/storage';
import type { mongo } from 'mongoose';
import type { SessionDocument } from '../schema/session.schema.js';
import { toStored, toText } from '../schema/stored-data.js';

export type Fields = Record<string, unknown>;

/** The arguments of `$set` and `$unset`. */
export interface FieldChanges {
  readonly set: Fields;
  readonly unset: Fields;
}

/** Matches the live session with this handle; expired or revoked ones do not match. */
export function alive(handle: string, now: number): mongo.Filter<SessionDocument> {
  return { _id: handle, expiresAt: { $gt: new Date(now) }, revoked: null as never };
}

/** Matches those of these sessions that are live. */
export function aliveAmong(handles: readonly string[], now: number): mongo.Filter<SessionDocument> {
  const [handle = ''] = handles;
  return handles.length === 1 ? alive(handle, now) : { ...alive(handle, now), _id: { $in: handles } };
}

export function toDocument(record: SessionRecord): mongo.OptionalUnlessRequiredId<SessionDocument> {
  const { handle, secretHash, formerSecretHash, formerSecretUntil, secretIssuedAt, data, version, fence } = record;
  const { createdAt, absoluteExpiresAt, ip, userAgent, ...rest } = record;
  return {
    _id: handle,
    secretHash: toHash(secretHash),
    ...(formerSecretHash !== null && { formerSecretHash: toHash(formerSecretHash) }),
    ...(formerSecretUntil !== 0 && { formerSecretUntil: new Date(formerSecretUntil) }),
    secretIssuedAt: new Date(secretIssuedAt),
    version,
    ...(fence !== 0 && { fence }),
    createdAt: new Date(createdAt),
    absoluteExpiresAt: new Date(absoluteExpiresAt),
    ...(ip !== null && { ip }),
    ...(userAgent !== null && { userAgent }),
    ...placeOf(record),
    ...(fieldChanges(rest).set as Pick<SessionDocument, 'lastSeenAt' | 'idleTimeout' | 'idleExpiresAt' | 'expiresAt'>),
    data: toStored(data) as mongo.Document,
    dataBytes: Buffer.byteLength(data),
  };
}

/** What is searched, beside what is told. */
export function placeOf({ userAgent, ip }: Pick<SessionRecord, 'userAgent' | 'ip'>): Fields {
  return { device: deviceKey(userAgent), ...(ip !== null && { address: addressKey(ip) }) };
}

export function toRecord(document: SessionDocument): SessionRecord {
  return {
    ...toSummary(document),
    secretHash: toHashText(document.secretHash),
    formerSecretHash: document.formerSecretHash === undefined ? null : toHashText(document.formerSecretHash),
    formerSecretUntil: document.formerSecretUntil?.getTime() ?? 0,
    data: toText(document.data),
    schemaVersion: document.schemaVersion ?? 0,
    fence: document.fence ?? 0,
  };
}

/** Leaves out what no list shows. */
export const SUMMARY_PROJECTION = {
  secretHash: 0,
  formerSecretHash: 0,
  formerSecretUntil: 0,
  data: 0,
  dataBytes: 0,
  anonymous: 0,
  device: 0,
  address: 0,
  schemaVersion: 0,
  fence: 0,
  claim: 0,
} as const;

export type SummaryDocument = Omit<SessionDocument, keyof typeof SUMMARY_PROJECTION>;

export function toSummary(document: SummaryDocument): SessionSummary {
  const idleExpiresAt = document.idleExpiresAt.getTime();
  const absoluteExpiresAt = document.absoluteExpiresAt.getTime();
  return {
    handle: document._id,
    secretIssuedAt: document.secretIssuedAt.getTime(),
    userId: document.userId ?? null,
    username: document.username ?? null,
    userEpoch: document.userEpoch ?? 0,
    authTime: document.authTime?.getTime() ?? null,
    amr: document.amr ?? [],
    aal: document.aal ?? null,
    version: document.version,
    createdAt: document.createdAt.getTime(),
    lastSeenAt: document.lastSeenAt.getTime(),
    countedDay: document.countedDay ?? 0,
    idleTimeout: document.idleTimeout,
    idleExpiresAt,
    absoluteExpiresAt,
    // That of a revoked session is the time of its revocation.
    expiresAt: document.revoked ? Math.min(idleExpiresAt, absoluteExpiresAt) : document.expiresAt.getTime(),
    persistent: document.persistent ?? false,
    ip: document.ip ?? null,
    userAgent: document.userAgent ?? null,
    label: document.label ?? null,
  };
}

export function toEnded(document: SummaryDocument): EndedSession {
  const { revokedBecause } = document;
  return revokedBecause === undefined ? toSummary(document) : { ...toSummary(document), revokedBecause };
}

/** `undefined` counts as not given; a default value is stored as no field at all. */
export function fieldChanges(fields: SessionFields = {}): FieldChanges {
  const set: Fields = {};
  const unset: Fields = {};
  for (const name of FIELDS) {
    const value = fields[name];
    if (value === undefined) continue;
    if (isDefault(name, value)) unset[name] = '';
    else set[name] = toField(name, value);
  }
  if (fields.userId === null) set['anonymous'] = true;
  else if (fields.userId !== undefined) unset['anonymous'] = '';
  if (fields.userId !== undefined && fields.username === undefined) unset['username'] = '';
  return { set, unset };
}

/** A base64url hash as bytes; any other text stays as it is. */
export function toHash(text: string): Buffer | string {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : text;
}

function toHashText(hash: Buffer | string): string {
  return typeof hash === 'string' ? hash : hash.toString('base64url');
}

/** Copies mutable values, because the driver serialises them later. */
function toField(name: string, value: SessionFields[keyof SessionFields]): unknown {
  if (DATES.has(name)) return new Date(value as number);
  return Array.isArray(value) ? [...(value as string[])] : value;
}

const FIELDS = [
  'userId',
  'username',
  'userEpoch',
  'authTime',
  'amr',
  'aal',
  'schemaVersion',
  'lastSeenAt',
  'countedDay',
  'idleTimeout',
  'idleExpiresAt',
  'expiresAt',
  'persistent',
  'label',
] as const satisfies readonly (keyof SessionFields)[];

const DATES: ReadonlySet<string> = new Set(['authTime', 'lastSeenAt', 'idleExpiresAt', 'expiresAt']);
const DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['userEpoch', 0],
  ['countedDay', 0],
  ['schemaVersion', 0],
  ['persistent', false],
]);

function isDefault(name: string, value: SessionFields[keyof SessionFields] | null): boolean {
  return value === null || value === DEFAULTS.get(name) || (Array.isArray(value) && value.length === 0);
}
