import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { type ApiKeyRecord, type ApiKeyScope, frozenApiKey } from 'nest-gatehouse/sessman/storage';
import type { Schema as MongooseSchema } from 'mongoose';

/** An API key as it is stored in MongoDB. No TTL index: an expired key stays until it is deleted. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class ApiKeyDocument {
  /** The key's id. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  secretHash!: string;

  @Prop({ type: String, default: null })
  formerSecretHash!: string | null;

  /** Null if there is no former secret. */
  @Prop({ type: Date, default: null })
  formerSecretUntil!: Date | null;

  @Prop({ type: String, required: true })
  namespace!: string;

  @Prop({ type: [String], required: true })
  scopes!: ApiKeyScope[];

  /** Absent for a key of nobody's. */
  @Prop({ type: String })
  ownerId?: string;

  @Prop({ type: Date, required: true })
  createdAt!: Date;

  @Prop({ type: Date, default: null })
  expiresAt!: Date | null;

  @Prop({ type: Date, default: null })
  lastUsedAt!: Date | null;
}

export function apiKeySchema(): MongooseSchema<ApiKeyDocument> {
  return SchemaFactory.createForClass(ApiKeyDocument)
    .index({ createdAt: -1, _id: -1 }, { name: 'by_creation' })
    .index({ ownerId: 1 }, { name: 'by_owner', partialFilterExpression: { ownerId: { $exists: true } } });
}

export function toApiKeyDocument(key: ApiKeyRecord): ApiKeyDocument {
  return {
    _id: key.id,
    ...secretFields(key),
    namespace: key.namespace,
    scopes: [...key.scopes],
    ...(key.ownerId === null ? {} : { ownerId: key.ownerId }),
    createdAt: new Date(key.createdAt),
    expiresAt: toDate(key.expiresAt),
    lastUsedAt: toDate(key.lastUsedAt),
  };
}

/** The fields that a rotation sets. */
export function secretFields(
  secrets: Pick<ApiKeyRecord, 'secretHash' | 'formerSecretHash' | 'formerSecretUntil'>,
): Pick<ApiKeyDocument, 'secretHash' | 'formerSecretHash' | 'formerSecretUntil'> {
  const { secretHash, formerSecretHash, formerSecretUntil } = secrets;
  return { secretHash, formerSecretHash, formerSecretUntil: toDate(formerSecretUntil || null) };
}

export function toApiKeyRecord(document: ApiKeyDocument): ApiKeyRecord {
  const { _id, ownerId, formerSecretUntil, createdAt, expiresAt, lastUsedAt, ...fields } = document;
  return frozenApiKey({
    ...fields,
    id: _id,
    ownerId: ownerId ?? null,
    formerSecretUntil: formerSecretUntil?.getTime() ?? 0,
    createdAt: createdAt.getTime(),
    expiresAt: expiresAt?.getTime() ?? null,
    lastUsedAt: lastUsedAt?.getTime() ?? null,
  });
}

function toDate(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}
