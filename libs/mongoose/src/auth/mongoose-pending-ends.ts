import { Injectable } from '@nestjs/common';
import { type PendingEnd, PendingEnds } from 'nest-gatehouse/auth/storage';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { pendingEndSchema, type PendingEndDocument } from './pending-end.schema.js';

/** Notes shared by all processes on the database. Each is on the majority before its end begins. */
@Injectable()
export class MongoosePendingEnds extends PendingEnds {
  readonly #ends: MongooseCollection<PendingEndDocument>;

  constructor(database: MongooseDatabase) {
    super();
    const setup = { model: 'GatehousePendingEnd', name: 'pending_ends', schema: pendingEndSchema };
    this.#ends = new MongooseCollection(database, setup);
  }

  /** Creates or verifies the index. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    return this.#ends.prepare();
  }

  override async add({ id, userId, begunAt, reason }: PendingEnd): Promise<void> {
    const document = { _id: id, userId, begunAt: new Date(begunAt), ...(reason && { reason }) };
    await this.#ends.runDurably((ends, durably) => ends.insertOne(document, durably));
  }

  override async remove(id: string): Promise<void> {
    await this.#ends.run((ends, within) => ends.deleteOne({ _id: id }, within));
  }

  override async begunBy(time: number, limit: number): Promise<readonly PendingEnd[]> {
    const found = await this.#ends.run((ends, within) =>
      ends.find({ begunAt: { $lte: new Date(time) } }, { sort: { begunAt: 1, _id: 1 }, limit, ...within }).toArray(),
    );
    return found.map(({ _id, userId, begunAt, reason }) => ({
      id: _id,
      userId,
      begunAt: begunAt.getTime(),
      ...(reason && { reason }),
    }));
  }
}
