import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { EndReason } from 'nest-gatehouse/session/storage';
import type { Schema as MongooseSchema } from 'mongoose';

/** A user's epoch. Sessions of a lower epoch are revoked. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class UserEpochDocument {
  /** The user's id. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: Number, required: true })
  epoch!: number;

  /** Why it was raised. */
  @Prop({ type: String })
  reason?: EndReason;

  /** Not every session of a lower epoch is marked yet: the next sweep finishes that. */
  @Prop({ type: Boolean })
  unfinished?: boolean;
}

export function userEpochSchema(): MongooseSchema<UserEpochDocument> {
  return SchemaFactory.createForClass(UserEpochDocument).index(
    { unfinished: 1 },
    { name: 'unfinished', partialFilterExpression: { unfinished: { $exists: true } } },
  );
}
