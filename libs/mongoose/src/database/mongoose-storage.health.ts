import { Injectable } from '@nestjs/common';
import { SharedCheck } from 'nest-gatehouse/common';
import { StorageHealth } from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from './mongoose-database.js';

const COLLECTION = 'health';

interface ProofDocument {
  readonly _id: string;
  /** When a process last wrote it, by the server's clock. */
  readonly at: Date;
}

/**
 * Checks that the primary accepts a write, and the majority has it within the deadline of an operation. Writes one
 * small document in a separate collection.
 */
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
