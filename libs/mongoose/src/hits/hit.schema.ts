import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { StatusCounts } from 'nest-gatehouse/hits/storage';
import type { Schema as MongooseSchema } from 'mongoose';

// Expiry is decided by the application's clock, and the server's may be ahead of it.
const ONE_HOUR = 60 * 60;

/**
 * One count. All are in one collection, so that a batch is one command. `kind` says of what: all hits, those of a route,
 * of a family of agents, or of a session; `names` is the list of the names of a day.
 */
@Schema({ autoCreate: false, autoIndex: false, bufferCommands: false, versionKey: false, strict: 'throw' })
export class HitDocument {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  kind!: 'all' | 'route' | 'agent' | 'session' | 'names';

  @Prop({ type: String })
  unit?: 'hour' | 'day' | 'month';

  /** When the hour or day began; of a month, its first moment. */
  @Prop({ type: Date })
  start?: Date;

  @Prop({ type: Number })
  people?: number;

  @Prop({ type: Number })
  bots?: number;

  @Prop({ type: Number })
  uniques?: number;

  @Prop({ type: String })
  method?: string;

  @Prop({ type: String })
  route?: string;

  @Prop({ type: Object })
  status?: StatusCounts;

  @Prop({ type: String })
  family?: string;

  @Prop({ type: Boolean })
  bot?: boolean;

  @Prop({ type: Number })
  total?: number;

  @Prop({ type: Number })
  hits?: number;

  /** Of `names`. */
  @Prop({ type: [String], default: undefined })
  routes?: string[];

  @Prop({ type: [String], default: undefined })
  agents?: string[];

  /** The last batch of each process that was added here, so that one that is sent again is not added again. */
  @Prop({ type: Object })
  applied?: Record<string, number>;

  /** Absent for months, which are kept. */
  @Prop({ type: Date })
  expiresAt?: Date;
}

export function hitSchema(): MongooseSchema<HitDocument> {
  return SchemaFactory.createForClass(HitDocument)
    .index({ kind: 1, unit: 1, start: 1 }, { name: 'by_time' })
    .index({ expiresAt: 1 }, { name: 'expires_at_ttl', expireAfterSeconds: ONE_HOUR });
}
