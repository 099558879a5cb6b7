import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Schema as MongooseSchema } from 'mongoose';

const ONE_DAY = 24 * 60 * 60;

/** The last lease on a key. It is kept for a day after it expires, so that the next fence is higher. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class SessionLockDocument {
  /** What is locked. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  owner!: string;

  @Prop({ type: Number, required: true })
  fence!: number;

  /** By the clock of the database server. */
  @Prop({ type: Date, required: true })
  expiresAt!: Date;
}

export function sessionLockSchema(): MongooseSchema<SessionLockDocument> {
  return SchemaFactory.createForClass(SessionLockDocument).index(
    { expiresAt: 1 },
    { name: 'expires_at_ttl', expireAfterSeconds: ONE_DAY },
  );
}
