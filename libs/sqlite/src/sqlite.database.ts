import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Awaitable, StoreUnavailableError } from 'nest-gatehouse/session';
import { failureOf, unavailable } from './sqlite-fault.js';
import { openSqliteFile } from './sqlite-file.js';
import { loadSqliteDriver, type SqliteConnection, type SqliteStatement } from './sqlite.driver.js';
import {
  resolveSqliteStorageOptions,
  type ResolvedSqliteStorageOptions,
  type SqliteStorageOptions,
} from './sqlite.options.js';
import { WriteQueue } from './write-queue.js';

// How long SQLite itself may wait, which holds up the event loop; beyond it the waiting is done in JavaScript.
const BUSY_TIMEOUT = 3;
const READ_PAUSE = 10;
const CACHE_KIB = 64 * 1024;
// Moved into the file half as often as by default: a page written twice meanwhile is moved once.
const LOG_PAGES = 2_000;

/** The one connection to the file, shared by everything that this process keeps in it. */
@Injectable()
export class SqliteDatabase implements OnApplicationShutdown {
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #writes: WriteQueue;
  readonly #inode: number;
  #corruption: StoreUnavailableError | null = null;
  #closing: Promise<void> | null = null;

  private constructor(
    private readonly connection: SqliteConnection,
    private readonly options: ResolvedSqliteStorageOptions,
  ) {
    connection.exec(`
      PRAGMA busy_timeout = ${BUSY_TIMEOUT};
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA wal_autocheckpoint = ${LOG_PAGES};
      PRAGMA secure_delete = FAST`);
    this.#inode = statSync(options.file).ino;
    this.#writes = new WriteQueue(connection, {
      synchronous: options.synchronous,
      deadline: options.writeDeadline,
      onFailure: (error) => this.#note(error),
    });
  }

  /**
   * Opens the file, made and brought up to date at need.
   * @throws OptionsError @throws SqliteFileError if the file cannot be used; it is then as it was
   */
  static async open(options: SqliteStorageOptions): Promise<SqliteDatabase> {
    const resolved = resolveSqliteStorageOptions(options);
    const driver = await loadSqliteDriver();
    return new SqliteDatabase(await openSqliteFile(driver, resolved.file), resolved);
  }

  /** Prepared once for each text; rows come as arrays of values where the driver can, see `valuesOf`. */
  statement(sql: string, arrays = false): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.connection.prepare(sql);
      if (arrays) statement.setReturnArrays?.(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs a query now; again a little later where another process is just recovering or closing the file.
   * @throws StoreUnavailableError
   */
  read<T>(query: () => T): Awaitable<T> {
    if (this.#closing) throw unavailable('closed');
    try {
      return query();
    } catch (error) {
      if (failureOf(error) === 'busy') return this.#readLater(query);
      throw this.#translated(error);
    }
  }

  /**
   * Runs `operation` in the transaction of this turn of the event loop; resolves once that is committed. What it throws is undone, and is its
   * own alone. It may run more than once, so it must do nothing but SQL. `durable`: survives a power cut once resolved.
   * @throws StoreUnavailableError
   */
  write<T>(operation: () => T, durability: 'durable' | 'default' = 'default'): Promise<T> {
    if (this.#closing) return Promise.reject(unavailable('closed'));
    return this.#writes.add(operation, durability === 'durable');
  }

  /**
   * For health checks: reads from the file.
   * @throws StoreUnavailableError if it cannot be read, has been moved away, or has been found damaged since the start
   */
  async ping(): Promise<void> {
    if (this.#corruption) throw this.#corruption;
    await this.read(() => this.statement('SELECT count(*) FROM (SELECT handle FROM sessions LIMIT 1)').get());
    if (statSync(this.options.file, { throwIfNoEntry: false })?.ino !== this.#inode) throw unavailable('io');
  }

  /** Writes what is queued, moves the log into the file and lets go of it. Repeatable. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Nest has closed the HTTP server by then, and requests under way have been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#writes.drain();
    try {
      this.connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // The log stays and is read at the next start; another process may still be using it.
      this.#note(error);
    }
    this.connection.close();
  }

  async #readLater<T>(query: () => T): Promise<T> {
    const deadline = performance.now() + this.options.writeDeadline;
    for (;;) {
      await pause(READ_PAUSE * Math.random());
      try {
        return query();
      } catch (error) {
        if (failureOf(error) !== 'busy' || performance.now() > deadline) throw this.#translated(error);
      }
    }
  }

  #translated(error: unknown): unknown {
    const failure = failureOf(error);
    if (!failure) return error;
    this.#note(error);
    return unavailable(failure, error);
  }

  #note(error: unknown): void {
    if (failureOf(error) === 'corrupt') this.#corruption ??= unavailable('corrupt', error);
  }
}

/** The values of a row, whichever form the driver gave it. */
export function valuesOf(row: unknown): unknown[] {
  return Array.isArray(row) ? (row as unknown[]) : Object.values(row as Record<string, unknown>);
}
