import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Schema as MongooseSchema } from 'mongoose';

/** An account as it is stored in MongoDB. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class UserDocument {
  /** The user's id. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  username!: string;

  @Prop({ type: String, required: true })
  canonicalUsername!: string;

  @Prop({ type: String, default: null })
  passwordHash!: string | null;

  @Prop({ type: String, default: null })
  pepperId!: string | null;

  @Prop({ type: [String], required: true })
  roles!: string[];

  @Prop({ type: Boolean, required: true })
  disabled!: boolean;

  @Prop({ type: Boolean, required: true })
  mustChangePassword!: boolean;

  /** Absent in accounts of our first releases, like `oneTimeUsedAt`. */
  @Prop({ type: Date, default: null })
  oneTimeExpiresAt?: Date | null;

  @Prop({ type: Date, default: null })
  oneTimeUsedAt?: Date | null;

  @Prop({ type: Number, required: true })
  epoch!: number;

  @Prop({ type: Date, required: true })
  rightsChangedAt!: Date;

  @Prop({ type: [String], required: true })
  knownNetworks!: string[];

  @Prop({ type: Date, required: true })
  createdAt!: Date;

  @Prop({ type: Date, default: null })
  passwordChangedAt!: Date | null;

  @Prop({ type: Date, default: null })
  lastSignInAt!: Date | null;
}

export function userSchema(): MongooseSchema<UserDocument> {
  return SchemaFactory.createForClass(UserDocument)
    .index({ canonicalUsername: 1 }, { name: 'by_canonical_username', unique: true })
    .index({ roles: 1 }, { name: 'by_role' });
}
