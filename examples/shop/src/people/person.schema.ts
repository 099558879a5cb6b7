import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, type Types } from 'mongoose';

/** Who may sign in. The shop had these fields before it had Gatehouse. */
@Schema({ collection: 'people', versionKey: false })
export class Person {
  /** An ObjectId of old accounts, a text of new ones. */
  @Prop({ type: MongooseSchema.Types.Mixed })
  _id!: Types.ObjectId | string;

  @Prop({ type: String, required: true, unique: true, lowercase: true })
  email!: string;

  /** bcrypt, since ever. */
  @Prop({ type: String })
  passwordHash?: string | null;

  @Prop({ type: [String], default: ['customer'] })
  roles?: string[];

  /** What Gatehouse keeps of an account beside these; nothing, of an account that is older. */
  @Prop({ type: Object })
  account?: Record<string, unknown>;
}

export const PersonSchema = SchemaFactory.createForClass(Person);
