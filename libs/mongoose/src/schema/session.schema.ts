import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import type { EndReason } from 'nest-gatehouse/session/storage';
import type { StoredData } from './stored-data.js';

const { Mixed } = MongooseSchema.Types;

/**
 * A session as it is stored in MongoDB. Fields with their default value (null, 0, false, an empty list) are left out,
 * so that anonymous sessions stay small, and the indexes on `userId` and `ip` contain only sessions that have one.
 */
@Schema({
  autoCreate: false,
  autoIndex: false,
  bufferCommands: false,
  versionKey: false,
  strict: 'throw',
  minimize: false,
})
export class SessionDocument {
  /** The handle as text, so that lists sort as in every other store. */
  @Prop({ type: String, required: true })
  _id!: string;

  /** 32 bytes. */
  @Prop({ type: Mixed, required: true })
  secretHash!: Buffer | string;

  @Prop({ type: Mixed })
  formerSecretHash?: Buffer | string;

  @Prop({ type: Date })
  formerSecretUntil?: Date;

  @Prop({ type: Date, required: true })
  secretIssuedAt!: Date;

  @Prop({ type: String })
  userId?: string;

  @Prop({ type: String })
  username?: string;

  /** Set if there is no `userId`, because a partial index cannot select documents without a field. */
  @Prop({ type: Boolean })
  anonymous?: boolean;

  @Prop({ type: Number })
  userEpoch?: number;

  @Prop({ type: Date })
  authTime?: Date;

  @Prop({ type: [String], default: undefined })
  amr?: string[];

  @Prop({ type: Number })
  aal?: number;

  /** One field per key: see `stored-data.ts`. */
  @Prop({ type: Mixed, required: true })
  data!: StoredData;

  /** Bytes of the data's JSON in UTF-8; may be off by up to 256 after keys were merged. */
  @Prop({ type: Number })
  dataBytes?: number;

  @Prop({ type: Number })
  schemaVersion?: number;

  @Prop({ type: Number, required: true })
  version!: number;

  @Prop({ type: Number })
  fence?: number;

  @Prop({ type: Date, required: true })
  createdAt!: Date;

  @Prop({ type: Date, required: true })
  lastSeenAt!: Date;

  /** In days since 1970-01-01. */
  @Prop({ type: Number })
  countedDay?: number;

  @Prop({ type: Number, required: true })
  idleTimeout!: number;

  @Prop({ type: Date, required: true })
  idleExpiresAt!: Date;

  @Prop({ type: Date, required: true })
  absoluteExpiresAt!: Date;

  @Prop({ type: Date, required: true })
  expiresAt!: Date;

  @Prop({ type: Boolean })
  persistent?: boolean;

  @Prop({ type: String })
  ip?: string;

  @Prop({ type: String })
  userAgent?: string;

  /** The device's name in lower case, empty without one. Missing in documents of older releases: see `SessionPlaces`. */
  @Prop({ type: String })
  device?: string;

  /** As `addressKey` makes it. */
  @Prop({ type: String })
  address?: string;

  @Prop({ type: String })
  label?: string;

  /** The user's epoch has revoked this session, whatever the clock of the process that reads it says. */
  @Prop({ type: Boolean })
  revoked?: boolean;

  /** Why the epoch was raised. */
  @Prop({ type: String })
  revokedBecause?: EndReason;

  /** Somebody is removing this session, which has ended: see `SessionClaims`. */
  @Prop({ type: Mixed })
  claim?: SessionClaim;
}

export interface SessionClaim {
  /** Unique. */
  readonly by: string;
  /** By the clock of the database server. */
  readonly until: Date;
}

/** The keys contain all that is needed to count and choose anonymous sessions, so no document has to be read. */
export const ANONYMOUS_KEYS = { anonymous: 1, lastSeenAt: 1, _id: 1, dataBytes: 1 } as const;

/** Whose session it is, so that both together are counted by keys alone. */
const OWNER_KEYS = { userId: 1, anonymous: 1 } as const;

/** What each index is ordered by, also for hints: an operator may have given it another name. */
export const INDEX_KEYS = {
  end: { expiresAt: 1 },
  creation: { createdAt: -1, _id: -1 },
  use: { lastSeenAt: -1, _id: -1 },
  user: { userId: 1, createdAt: -1, _id: -1 },
  name: { username: 1, createdAt: -1, _id: -1 },
  place: { address: 1, createdAt: -1, _id: -1, ...OWNER_KEYS },
  appliance: { device: 1, createdAt: -1, _id: -1, ...OWNER_KEYS },
  anonymous: ANONYMOUS_KEYS,
} as const;

export type IndexKeys = (typeof INDEX_KEYS)[keyof typeof INDEX_KEYS];

/** @param ttlGrace milliseconds from the end of a session to its removal by the TTL task. */
export function sessionSchema(ttlGrace: number): MongooseSchema<SessionDocument> {
  const having = (field: string) => ({ partialFilterExpression: { [field]: { $exists: true } } });
  const { end, creation, use, user, name, place, appliance, anonymous } = INDEX_KEYS;
  return SchemaFactory.createForClass(SessionDocument)
    .index(end, { name: 'expires_at_ttl', expireAfterSeconds: Math.floor(ttlGrace / 1000) })
    .index(creation, { name: 'by_creation' })
    .index(use, { name: 'by_last_use' })
    .index(user, { name: 'by_user', ...having('userId') })
    .index(name, { name: 'by_username', ...having('username') })
    .index(place, { name: 'by_network_and_owner', ...having('address') })
    .index(appliance, { name: 'by_device_and_owner' })
    .index(anonymous, { name: 'anonymous_by_last_use', partialFilterExpression: { anonymous: true } });
}
