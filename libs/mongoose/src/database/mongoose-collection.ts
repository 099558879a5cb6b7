import type { mongo, Schema } from 'mongoose';
import type { MongooseDatabase } from './mongoose-database.js';
import type { DurableWithinDeadline, WithinDeadline } from './operation.js';

export interface CollectionSetup<T> {
  readonly model: string;
  /** Without the prefix. */
  readonly name: string;
  readonly schema: () => Schema<T>;
}

type Work<T extends mongo.Document, Options, Result> = (
  collection: mongo.Collection<T>,
  options: Options,
) => Promise<Result>;

/**
 * A collection that not every application uses. Its indexes are created or verified by `prepare`, at the latest before
 * its first use.
 */
export class MongooseCollection<T extends mongo.Document> {
  #prepared: Promise<void> | undefined;

  constructor(
    private readonly database: MongooseDatabase,
    private readonly setup: CollectionSetup<T>,
  ) {}

  /** Repeatable. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    const { model, name, schema } = this.setup;
    this.#prepared ??= this.database.prepare(model, name, schema()).catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  /** As `MongooseDatabase.run`. */
  async run<Result>(work: Work<T, WithinDeadline, Result>): Promise<Result> {
    await this.prepare();
    return this.database.run((_, within) => work(this.#collection(), within));
  }

  /** As `MongooseDatabase.runDurably`. */
  async runDurably<Result>(work: Work<T, DurableWithinDeadline, Result>): Promise<Result> {
    await this.prepare();
    return this.database.runDurably((_, durably) => work(this.#collection(), durably));
  }

  #collection(): mongo.Collection<T> {
    return this.database.collection<T>(this.setup.name);
  }
}
