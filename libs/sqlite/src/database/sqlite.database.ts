import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Awaitable, SharedCheck, StoreUnavailableError } from 'nest-gatehouse/common';
import { DiskRoom, type Need } from '../file/disk-room.js';
import { FilePlace } from '../file/file-place.js';
import { FileWitness } from '../file/file-witness.js';
import { failureOf, misplaced, unavailable } from '../driver/sqlite-fault.js';
import { openSqliteFile } from '../file/sqlite-file.js';
import {
  loadSqliteDriver,
  type SqliteConnection,
  type SqliteDriver,
  type SqliteStatement,
} from '../driver/sqlite.driver.js';
import {
  resolveSqliteStorageOptions,
  type ResolvedSqliteStorageOptions,
  type SqliteStorageOptions,
} from '../sqlite.options.js';
import { APPLICATION_ID } from '../schema/sqlite.schema.js';
import { WriteQueue } from './write-queue.js';

// How long SQLite itself may wait, which holds up the event loop; beyond it the waiting is done in JavaScript.
const BUSY_TIMEOUT = 3;
const READ_PAUSE = 10;
const CACHE_KIB = 64 * 1024;
// Always the same value, and yet always a page that is written.
const PROOF = `PRAGMA application_id = ${APPLICATION_ID}`;

/** The one connection to the file, shared by everything that this process keeps in it. */
@Injectable()
export class SqliteDatabase implements OnApplicationShutdown {
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #writes: WriteQueue;
  readonly #place: FilePlace;
  readonly #room: DiskRoom;
  readonly #witness: FileWitness;
  readonly #proof = new SharedCheck(() => this.#prove());
  #corruption: StoreUnavailableError | null = null;
  /** Damaged in its structure: what is written may make it worse, and is lost when the file is put back from a backup. */
  #isBroken = false;
  #closing: Promise<void> | null = null;

  private constructor(
    driver: SqliteDriver,
    private readonly connection: SqliteConnection,
    private readonly options: ResolvedSqliteStorageOptions,
  ) {
    this.#place = new FilePlace(options.file);
    this.#room = new DiskRoom(connection, this.#place.file);
    const { frames, log } = this.#room.sizes;
    connection.exec(`
      PRAGMA busy_timeout = ${BUSY_TIMEOUT};
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA temp_store = MEMORY;
      PRAGMA wal_autocheckpoint = ${frames};
      PRAGMA journal_size_limit = ${log};
      PRAGMA secure_delete = FAST`);
    this.#witness = new FileWitness(driver, this.#place.file);
    this.#writes = new WriteQueue(connection, {
      synchronous: options.synchronous,
      deadline: options.writeDeadline,
      room: this.#room,
      confirm: () => this.#requirePlace(),
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
    return new SqliteDatabase(driver, await openSqliteFile(driver, resolved.file), resolved);
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
    if (this.#place.isLost) this.#requirePlace();
    try {
      return query();
    } catch (error) {
      if (failureOf(error) === 'busy') return this.#readLater(query);
      throw this.#translated(error);
    }
  }

  /**
   * Runs `operation` in the transaction of this turn of the event loop; resolves once that is committed. What it throws is undone, and is its
   * own alone. It may run more than once, so it must do nothing but SQL. `durable`: survives a power cut once resolved. `need`: what it may
   * take on a disk that is getting full; whatever ends something should say `'end'`.
   * @throws StoreUnavailableError
   */
  write<T>(operation: () => T, durability: 'durable' | 'default' = 'default', need: Need = 'growth'): Promise<T> {
    const refusal = this.#refusal(need);
    if (refusal) return Promise.reject(refusal);
    return this.#writes.add(operation, durability === 'durable', need);
  }

  /**
   * For health checks: whether the file is where it was opened and has not been found damaged, and, proved once a second at most, that it can
   * be written durably, has room for a new session, and is whole where it is looked at.
   * @throws StoreUnavailableError
   */
  async ping(): Promise<void> {
    if (this.#closing) throw unavailable('closed');
    if (this.#corruption) throw this.#corruption;
    this.#requirePlace();
    await this.#proof.run();
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
      this.#room.restoreReserve();
    } catch (error) {
      // The log stays and is read at the next start; another process may still be using it.
      this.#note(error);
    }
    this.connection.close();
  }

  async #prove(): Promise<void> {
    // What was done to the first page is seen before it is written again.
    this.#translating(() => this.#witness.look());
    await this.write(() => this.statement(PROOF).run(), 'durable', 'end');
    this.#translating(() => this.#room.check());
  }

  #refusal(need: Need): StoreUnavailableError | null {
    if (this.#closing) return unavailable('closed');
    if (this.#place.isLost && !this.#place.stands()) return misplaced();
    return this.#isBroken && need !== 'end' ? this.#corruption : null;
  }

  #requirePlace(): void {
    if (!this.#place.stands()) throw misplaced();
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

  #translating(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw this.#translated(error);
    }
  }

  #translated(error: unknown): unknown {
    const failure = failureOf(error);
    if (!failure) return error;
    this.#note(error);
    return unavailable(failure, error);
  }

  #note(error: unknown): void {
    if (failureOf(error) !== 'corrupt') return;
    this.#corruption ??= unavailable('corrupt', error);
    // A single row that is not as it was written concerns nobody else.
    this.#isBroken ||= !(error instanceof StoreUnavailableError) || error.cause !== undefined;
  }
}

/** The values of a row, whichever form the driver gave it. */
export function valuesOf(row: unknown): unknown[] {
  return Array.isArray(row) ? (row as unknown[]) : Object.values(row as Record<string, unknown>);
}
