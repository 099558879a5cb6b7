import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type Awaitable, SharedCheck, StoreUnavailableError } from 'nest-gatehouse/common';
import { CommitWatch } from '../file/commit-watch.js';
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
import { RecordCache } from './record-cache.js';
import { watchRows } from './row-changes.js';
import { SnapshotReader, type Reader } from './snapshot-reader.js';
import { WriteQueue } from './write-queue.js';

// How long SQLite itself may wait, in milliseconds, which blocks the event loop; after that the wait continues in
// JavaScript.
const BUSY_TIMEOUT = 3;
const READ_PAUSE = 10;
const CACHE_KIB = 64 * 1024;
// Writes the same value each time, but still writes a page.
const PROOF = `PRAGMA application_id = ${APPLICATION_ID}`;

/** The one connection to the file, shared by everything that this process keeps in it. */
@Injectable()
export class SqliteDatabase implements OnApplicationShutdown {
  /** The sessions that were read or written lately. */
  readonly records: RecordCache;
  readonly #watch: CommitWatch;
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #writes: WriteQueue;
  readonly #place: FilePlace;
  readonly #room: DiskRoom;
  readonly #witness: FileWitness;
  readonly #snapshots: SnapshotReader;
  readonly #proof = new SharedCheck(() => this.#prove());
  #corruption: StoreUnavailableError | null = null;
  /**
   * The file's structure is damaged: writes may make it worse, and are lost when the file is restored from a backup.
   */
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
    this.#snapshots = new SnapshotReader(driver, this.#place.file);
    this.#watch = new CommitWatch(connection, this.#place.file);
    this.records = new RecordCache(options.maxCacheBytes, this.#watch);
    if (options.maxCacheBytes > 0) {
      watchRows(connection, {
        changed: (handle) => this.records.forget(handle),
        revoked: () => this.records.forgetAll(),
      });
    }
    this.#writes = new WriteQueue(connection, {
      synchronous: options.synchronous,
      deadline: options.writeDeadline,
      room: this.#room,
      confirm: () => {
        this.records.committed();
        this.#requirePlace();
      },
      rolledBack: () => this.records.rolledBack(),
      onFailure: (error) => this.#note(error),
    });
  }

  /**
   * Opens the file; creates and migrates it if needed.
   * @throws OptionsError @throws SqliteFileError if the file cannot be used; it is left unchanged then
   */
  static async open(options: SqliteStorageOptions): Promise<SqliteDatabase> {
    const resolved = resolveSqliteStorageOptions(options);
    const driver = await loadSqliteDriver();
    return new SqliteDatabase(driver, await openSqliteFile(driver, resolved.file), resolved);
  }

  /** Prepared once for each SQL text; rows are arrays of values if the driver supports it, see `valuesOf`. */
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
   * Runs a query now; retries it shortly after if another process is recovering or closing the file.
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
   * Work that reads one state of the file, over as many turns of the event loop as it needs. @throws
   * StoreUnavailableError
   */
  async snapshot<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    if (this.#closing) throw unavailable('closed');
    this.#requirePlace();
    try {
      return await this.#snapshots.run(work);
    } catch (error) {
      throw this.#translated(error);
    }
  }

  /**
   * Runs `operation` in the transaction of this turn of the event loop; resolves once that is committed. If it throws,
   * it alone is rolled back and rejected. It may run more than once, so it must do nothing but SQL. `durable`: survives
   * a power cut once resolved. `need`: how much it may take when the disk is nearly full; whatever ends something
   * should pass `'end'`.
   * @throws StoreUnavailableError
   */
  write<T>(operation: () => T, durability: 'durable' | 'default' = 'default', need: Need = 'growth'): Promise<T> {
    const refusal = this.#refusal(need);
    if (refusal) return Promise.reject(refusal);
    return this.#writes.add(operation, durability === 'durable', need);
  }

  /**
   * For health checks: the file is where it was opened and not known to be damaged. At most once a second it is proved
   * that it can be written durably, has room for a new session, and is intact where it is checked.
   * @throws StoreUnavailableError
   */
  async ping(): Promise<void> {
    if (this.#closing) throw unavailable('closed');
    if (this.#corruption) throw this.#corruption;
    this.#requirePlace();
    await this.#proof.run();
  }

  /** Writes what is queued, checkpoints the log and closes the file. Repeatable. */
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
    await this.#snapshots.close();
    try {
      this.connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      this.#room.restoreReserve();
    } catch (error) {
      // The log stays and is read at the next start; another process may still be using it.
      this.#note(error);
    }
    this.connection.close();
    this.#watch.close();
  }

  async #prove(): Promise<void> {
    // Checked first, so that damage to the first page is seen before it is written again.
    this.#translating(() => this.#witness.check());
    await this.write(() => this.statement(PROOF).run(), 'durable', 'end');
    this.#translating(() => this.#room.check());
  }

  #refusal(need: Need): StoreUnavailableError | null {
    if (this.#closing) return unavailable('closed');
    if (this.#place.isLost && !this.#place.isIntact()) return misplaced();
    return this.#isBroken && need !== 'end' ? this.#corruption : null;
  }

  #requirePlace(): void {
    if (!this.#place.isIntact()) throw misplaced();
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
    this.records.turnOff();
    this.#corruption ??= unavailable('corrupt', error);
    // A single row with a wrong checksum does not affect the others.
    this.#isBroken ||= !(error instanceof StoreUnavailableError) || error.cause !== undefined;
  }
}
