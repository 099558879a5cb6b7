import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Schema as MongooseSchema } from 'mongoose';

/** A user whose sessions of a lower epoch are over. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class UserEpochDocument {
  /** The user's id. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: Number, required: true })
  epoch!: number;

  /** Not every session of a lower epoch is marked yet: whoever sweeps next finishes that. */
  @Prop({ type: Boolean })
  unfinished?: boolean;
}

export function userEpochSchema(): MongooseSchema<UserEpochDocument> {
  return SchemaFactory.createForClass(UserEpochDocument).index(
    { unfinished: 1 },
    { name: 'unfinished', partialFilterExpression: { unfinished: { $exists: true } } },
  );
}
