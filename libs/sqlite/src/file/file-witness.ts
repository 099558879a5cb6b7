import { statSync } from 'node:fs';
import { RECORD_SELECTION, recordOf } from '../schema/session-row.js';
import { failureOf, unavailable } from '../driver/sqlite-fault.js';
import { fromText } from '../driver/sqlite-text.js';
import { rowsOf, type SqliteConnection, type SqliteDriver, type SqliteValue } from '../driver/sqlite.driver.js';
import { APPLICATION_ID, pragma } from '../schema/sqlite.schema.js';

// A file up to this size is checked as a whole, within a few milliseconds; of a larger one some rows are read each
// time.
const MAX_CHECK = 1024 * 1024;
const ROWS = 200;

/**
 * Checks the file through a separate connection with an empty cache, so that damage to the pages is seen even while the
 * application still has them in memory.
 */
export class FileWitness {
  /** The state of the files when the whole database was last checked. */
  #whole = '';
  #largest = 0;
  /** The id of the row that was read last, if the file is too large to be checked at once. */
  #position = 0;

  constructor(
    private readonly driver: SqliteDriver,
    private readonly file: string,
  ) {}

  /** @throws StoreUnavailableError, or an error of the driver */
  check(): void {
    const { size, mtimeMs } = statSync(this.file);
    const log = statSync(`${this.file}-wal`, { throwIfNoEntry: false });
    const state = [size, mtimeMs, log?.size, log?.mtimeMs].join();
    if (state === this.#whole) return;
    const connection = new this.driver.DatabaseSync(this.file, { readOnly: true });
    try {
      if (this.#isWhole(connection, size)) this.#whole = state;
    } catch (error) {
      // Another process is recovering or closing the file: it is checked again next time.
      if (failureOf(error) !== 'busy') throw error;
    } finally {
      connection.close();
    }
  }

  /** False if only a part was checked. */
  #isWhole(connection: SqliteConnection, size: number): boolean {
    connection.exec('PRAGMA cell_size_check = ON');
    if (pragma(connection, 'application_id') !== APPLICATION_ID) throw unavailable('corrupt', new Error('header'));
    this.#checkSize(connection, size);
    if (size > MAX_CHECK) {
      this.#readSome(connection);
      return false;
    }
    const [row] = rowsOf(connection, 'quick_check', 'pragma_quick_check');
    if (row?.[0] !== 'ok') throw unavailable('corrupt', new Error(String(row?.[0])));
    return true;
  }

  /**
   * New pages may be in the log only, so the file may be too small. It never shrinks, unless SQLite itself shrinks it.
   */
  #checkSize(connection: SqliteConnection, size: number): void {
    const pages = pragma(connection, 'page_count') * pragma(connection, 'page_size');
    if (size < Math.min(this.#largest, pages)) throw unavailable('corrupt', new Error('size'));
    this.#largest = size;
  }

  #readSome(connection: SqliteConnection): void {
    const from = `(SELECT * FROM sessions WHERE id > ${this.#position} ORDER BY id LIMIT ${ROWS})`;
    const rows = rowsOf(connection, `id, ${RECORD_SELECTION}`, from);
    for (const [, ...row] of rows) recordOf(row, fromText(row[0] as string));
    this.#position = rows.length < ROWS ? 0 : Number((rows.at(-1) as SqliteValue[])[0]);
  }
}
