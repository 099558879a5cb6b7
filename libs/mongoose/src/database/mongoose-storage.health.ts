import { Injectable } from '@nestjs/common';
import { SharedCheck } from 'nest-gatehouse/common';
import { StorageHealth } from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from './mongoose-database.js';

const COLLECTION = 'health';

interface ProofDocument {
  readonly _id: string;
  /** When a process last proved it, by the server's clock. */
  readonly at: Date;
}

/** Whether the primary takes a write, and the majority has it within the deadline of an operation: one small document in a collection of its own. */
@Injectable()
export class MongooseStorageHealth extends StorageHealth {
  readonly #proof = new SharedCheck(() => this.#prove());

  constructor(private readonly database: MongooseDatabase) {
    super();
  }

  override check(): Promise<void> {
    return this.#proof.run();
  }

  async #prove(): Promise<void> {
    await this.database.runDurably((_, durably) =>
      this.database
        .collection<ProofDocument>(COLLECTION)
        .updateOne({ _id: 'write' }, { $currentDate: { at: true } }, { upsert: true, ...durably }),
    );
  }
}
