import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { AdminJob } from 'nest-gatehouse/admin/storage';
import type { Schema as MongooseSchema } from 'mongoose';

/** Work of an administrator that takes long. The sweeper of `AdminModule` removes it a day after. */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class AdminJobDocument {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  state!: AdminJob['state'];

  @Prop({ type: Number, required: true })
  matched!: number;

  @Prop({ type: Number, required: true })
  ended!: number;

  @Prop({ type: Date, required: true })
  startedAt!: Date;

  @Prop({ type: Date, required: true })
  leaseUntil!: Date;

  @Prop({ type: String, default: null })
  step!: string | null;
}

export function adminJobSchema(): MongooseSchema<AdminJobDocument> {
  return SchemaFactory.createForClass(AdminJobDocument)
    .index({ state: 1, leaseUntil: 1 }, { name: 'by_state' })
    .index({ startedAt: 1 }, { name: 'by_start' });
}
