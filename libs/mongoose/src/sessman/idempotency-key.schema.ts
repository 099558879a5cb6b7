import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Schema as MongooseSchema } from 'mongoose';

// Expiry is decided by the application's clock, and the server's may be ahead of it.
const ONE_HOUR = 60 * 60;

/** A request of an API key that is carried out once. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class IdempotencyKeyDocument {
  /** The id of the API key and the idempotency key, as JSON. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  fingerprint!: string;

  @Prop({ type: String, required: true })
  owner!: string;

  @Prop({ type: Date, required: true })
  leaseUntil!: Date;

  @Prop({ type: Date, required: true })
  expiresAt!: Date;

  /** Null while the request runs. */
  @Prop({ type: String, default: null })
  answer!: string | null;
}

export function idempotencyKeySchema(): MongooseSchema<IdempotencyKeyDocument> {
  return SchemaFactory.createForClass(IdempotencyKeyDocument).index(
    { expiresAt: 1 },
    { name: 'expires_at_ttl', expireAfterSeconds: ONE_HOUR },
  );
}
