import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Awaitable } from 'nest-gatehouse/common';
import type { SqliteConnection, SqliteDriver, SqliteStatement } from '../driver/sqlite.driver.js';

/** Reads rows: the database as it is now, or a state of it that stays the same. */
export interface Reader {
  statement(sql: string, arrays?: boolean): SqliteStatement;
  read<T>(query: () => T): Awaitable<T>;
}

/**
 * A second connection, which reads one state of the file over several turns of the event loop while the other one
 * writes. Opened at its first use; one piece of work at a time, because checkpoints wait for it.
 */
export class SnapshotReader implements Reader {
  readonly #statements = new Map<string, SqliteStatement>();
  #connection: SqliteConnection | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly driver: SqliteDriver,
    private readonly file: string,
  ) {}

  /** @throws an error of the driver */
  run<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#inTransaction(work));
    this.#last = result.catch(() => undefined);
    return result;
  }

  statement(sql: string, arrays = false): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#open().prepare(sql);
      if (arrays) statement.setReturnArrays?.(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  read<T>(query: () => T): Awaitable<T> {
    return query();
  }

  /** Waits for the work under way. */
  async close(): Promise<void> {
    await this.#last;
    this.#connection?.close();
  }

  async #inTransaction<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    // So that whoever waits for several answers lets requests pass in between.
    await nextTurn();
    this.#open().exec('BEGIN');
    try {
      return await work(this);
    } finally {
      this.#open().exec('ROLLBACK');
    }
  }

  #open(): SqliteConnection {
    if (!this.#connection) {
      this.#connection = new this.driver.DatabaseSync(this.file, { readOnly: true });
      this.#connection.exec('PRAGMA busy_timeout = 100; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY');
    }
    return this.#connection;
  }
}
