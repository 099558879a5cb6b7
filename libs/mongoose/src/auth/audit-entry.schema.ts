import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { AuditedSession, AuditType } from 'nest-gatehouse/auth/storage';
import { Schema as MongooseSchema } from 'mongoose';

/** An entry of the audit trail as it is stored in MongoDB. Null fields are left out. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class AuditEntryDocument {
  /** The entry's id. Its order is also that of time. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: Date, required: true })
  at!: Date;

  @Prop({ type: String, required: true })
  type!: AuditType;

  @Prop({ type: String })
  actorId?: string;

  @Prop({ type: String })
  userId?: string;

  @Prop({ type: String })
  username?: string;

  @Prop({ type: String })
  handle?: string;

  @Prop({ type: String })
  ip?: string;

  @Prop({ type: String })
  userAgent?: string;

  @Prop({ type: String })
  detail?: string;

  @Prop({ type: MongooseSchema.Types.Mixed })
  session?: AuditedSession;
}

/**
 * No TTL index: the option `auditRetention` of `AuthModule` says how long entries are kept, and its sweeper removes
 * older ones.
 */
export function auditEntrySchema(): MongooseSchema<AuditEntryDocument> {
  const present = (field: string) => ({ partialFilterExpression: { [field]: { $exists: true } } });
  return SchemaFactory.createForClass(AuditEntryDocument)
    .index({ at: 1, _id: 1 }, { name: 'by_time' })
    .index({ type: 1, _id: -1 }, { name: 'by_type' })
    .index({ userId: 1, _id: -1 }, { name: 'by_user', ...present('userId') })
    .index({ userId: 1, type: 1, _id: -1 }, { name: 'by_user_and_type', ...present('userId') })
    .index({ actorId: 1, _id: -1 }, { name: 'by_actor', ...present('actorId') })
    .index({ handle: 1, _id: -1 }, { name: 'by_handle', ...present('handle') })
    .index({ ip: 1, _id: -1 }, { name: 'by_address', ...present('ip') })
    .index({ username: 1, _id: -1 }, { name: 'by_username', ...present('username') });
}
