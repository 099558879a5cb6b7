import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { EndReason } from 'nest-gatehouse/session/storage';
import type { Schema as MongooseSchema } from 'mongoose';

/** An end of a user's sessions that has begun. No TTL index: it stays until the end is complete. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class PendingEndDocument {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  userId!: string;

  @Prop({ type: Date, required: true })
  begunAt!: Date;

  @Prop({ type: String })
  reason?: EndReason;
}

export function pendingEndSchema(): MongooseSchema<PendingEndDocument> {
  return SchemaFactory.createForClass(PendingEndDocument).index({ begunAt: 1, _id: 1 }, { name: 'by_time' });
}
