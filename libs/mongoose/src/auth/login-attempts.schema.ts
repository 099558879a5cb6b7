import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Schema as MongooseSchema } from 'mongoose';

// Expiry is decided by the application's clock, and the server's may be ahead of it.
const ONE_HOUR = 60 * 60;

/** Failed logins under one key. A document without failures counts as absent. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class LoginAttemptsDocument {
  /** The key under which failures are counted. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: Number, required: true })
  failures!: number;

  @Prop({ type: Date, default: null })
  blockedUntil!: Date | null;

  @Prop({ type: Date, required: true })
  expiresAt!: Date;
}

export function loginAttemptsSchema(): MongooseSchema<LoginAttemptsDocument> {
  return SchemaFactory.createForClass(LoginAttemptsDocument).index(
    { expiresAt: 1 },
    { name: 'expires_at_ttl', expireAfterSeconds: ONE_HOUR },
  );
}
