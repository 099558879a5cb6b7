import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { diskSizes, freeBytes, largestFile, type DiskSizes } from './disk-sizes.js';
import { ReserveFile } from './reserve-file.js';
import { lacksRoom, unavailable } from '../driver/sqlite-fault.js';
import { rowsOf, type SqliteConnection, type SqliteStatement } from '../driver/sqlite.driver.js';

/**
 * How much a write may take when there is little room: `growth` stores something new and must leave room for the
 * others; `little` changes small things that sign-in and ends depend on, such as a counter of failures; `end` removes
 * something, and may use all that is left.
 */
export type Need = 'growth' | 'little' | 'end';

// In pages. An end may need one for the epoch of a user.
const FOR_ENDS = 32;
const FLOORS: Readonly<Record<Need, number>> = { growth: FOR_ENDS + 16, little: FOR_ENDS - 16, end: 0 };
/** Pages for a session of the largest usual size, with its index entries. */
const USUAL_SESSION = 32;
const SPARE = 16;
// The smallest log in which the end of one session always fits, wherever the pages of the indexes are.
const MIN_LOG = 192 * 1024;

// If no room was found this many milliseconds ago, and nothing was written since, it is not looked for again.
const RETRY_AFTER = 100;
const COMMITS_BETWEEN_CHECKS = 32;

type Checkpoint = 'whole' | 'partial' | 'failed';

/**
 * Keeps room for ending sessions on a full disk, whoever has filled it. SQLite needs room even to delete: in its log,
 * and in the file for new pages that are still in the log. So the file grows in steps; each step is checkpointed from
 * the log into the file before the next one, and the file only grows while there is a reserve beside it. The log is
 * allocated in advance, and a checkpoint makes its space free again. So an end writes into space that is already
 * allocated.
 */
export class DiskRoom {
  readonly sizes: DiskSizes;
  readonly #reserve: ReserveFile;
  readonly #log: string;
  readonly #pageSize: number;
  /** The maximum number of pages of the file. */
  readonly #maxPages: number;
  readonly #pages: SqliteStatement;
  readonly #freePages: SqliteStatement;
  readonly #passive: SqliteStatement;
  readonly #restart: SqliteStatement;
  /** The number of pages to which the file may grow at present, including those for ends. */
  #limit = 0;
  #isShort = false;
  /** Whether one large write has been allowed more than a step. */
  #isWide = false;
  #measuredAt = -Infinity;
  #commits = 0;
  #isLogTooLong = false;

  constructor(
    private readonly connection: SqliteConnection,
    /** With all symbolic links resolved. */
    private readonly file: string,
  ) {
    this.sizes = diskSizes(file);
    this.#reserve = new ReserveFile(file, this.sizes.reserve);
    this.#log = `${file}-wal`;
    this.#pageSize = Number(rowsOf(connection, 'page_size', 'pragma_page_size')[0]![0]);
    this.#maxPages = Math.floor(largestFile() / this.#pageSize);
    this.#pages = connection.prepare('PRAGMA page_count');
    this.#freePages = connection.prepare('PRAGMA freelist_count');
    this.#passive = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#restart = connection.prepare('PRAGMA wal_checkpoint(RESTART)');
    this.#allocateLog();
    this.measure();
  }

  /** Whether writes must be checked by `requireLeft`. */
  get isShort(): boolean {
    return this.#isShort || this.#isLogTooLong;
  }

  /** How many pages can still be taken. To be called inside a transaction. */
  left(): number {
    return numberOf(this.#freePages) + this.#limit - numberOf(this.#pages);
  }

  /**
   * To be called before the commit of a transaction that began with `before` pages left. @throws StoreUnavailableError
   * if it takes too much
   */
  requireLeft(before: number, need: Need): void {
    if (this.#isLogTooLong && need !== 'end') throw unavailable('busy');
    const left = this.left();
    if (left < before && left < FLOORS[need]) throw unavailable('full');
  }

  /** Tries to make room after a write found none, outside of transactions. @returns whether there may be room now */
  relieve(attempt: number, need: Need): boolean {
    try {
      return attempt === 1 ? this.#makeRoom(need) : this.#makeMoreRoom(need);
    } catch {
      // The file is missing, or another process is recovering it: the write will report its own error.
      return false;
    }
  }

  /** Checkpoints the log, and sets how far the file may grow. @param step how many pages at most */
  measure(step = this.#step): Checkpoint {
    const checkpoint = this.#tryCheckpoint();
    if (this.#isLogTooLong) this.#shortenLog();
    const pages = numberOf(this.#pages);
    const stored = Math.floor(statSync(this.file).size / this.#pageSize);
    const allowed = checkpoint === 'failed' || !this.#hasReserve() ? 0 : this.#growth(pages, stored, step);
    this.#isShort = allowed < this.#step;
    this.#isWide = allowed > this.#step;
    // Without growth, counted from the size on disk, so that the pages for ends are not granted again each time.
    const from = allowed > 0 ? pages + allowed : stored;
    this.#limit = Math.max(pages, Math.min(this.#maxPages, from + FOR_ENDS));
    this.connection.exec(`PRAGMA max_page_count = ${this.#limit}`);
    this.#measuredAt = performance.now();
    return checkpoint;
  }

  /**
   * For health checks. @throws StoreUnavailableError if a session of usual size has no room, or the log cannot be
   * checkpointed
   */
  check(): void {
    if (this.measure() === 'failed') this.#checkpoint(this.#passive);
    if (this.#isLogTooLong) this.#shortenLog();
    if (this.#isLogTooLong) throw unavailable('busy');
    if (this.isShort && this.left() < FLOORS.growth + USUAL_SESSION) throw unavailable('full');
  }

  /**
   * To be called after each commit. Usually SQLite restarts the log by itself, but not while somebody keeps reading it.
   */
  committed(): void {
    this.#measuredAt = -Infinity;
    const isCheckDue = ++this.#commits % COMMITS_BETWEEN_CHECKS === 0;
    if (!isCheckDue && !this.#isLogTooLong && !this.#isWide) return;
    try {
      if (this.#isWide) this.measure();
      this.#shortenLog();
    } catch {
      // The commit itself has succeeded; the next write will meet the same fault.
    }
  }

  /** Fills the reserve again once the log was truncated, so that there is room for the next start. */
  restoreReserve(): void {
    this.#hasReserve();
  }

  #makeRoom(need: Need): boolean {
    if (this.isShort && need !== 'end' && performance.now() - this.#measuredAt < RETRY_AFTER) return false;
    return this.measure() !== 'failed';
  }

  /** Releases the reserve for an end, or allows a single large write all that the disk has. */
  #makeMoreRoom(need: Need): boolean {
    if (need === 'end') return this.#reserve.release();
    return need === 'growth' && this.measure(Infinity) !== 'failed' && !this.#isShort;
  }

  get #step(): number {
    return Math.floor(this.sizes.reserve / 2 / this.#pageSize);
  }

  /** @param stored pages that are in the file; the others are in the log only */
  #growth(pages: number, stored: number, step: number): number {
    const free = freeBytes(this.file) / this.#pageSize - Math.max(0, pages - stored);
    // Each page is written twice: to the log, and from there to the file.
    const room = Math.min(Math.floor(free / 2) - SPARE, this.#maxPages - FOR_ENDS - pages);
    return Math.max(0, Math.min(step, room));
  }

  #hasReserve(): boolean {
    return this.#reserve.missing === 0 || this.#reserve.make(freeBytes(this.file) - SPARE * this.#pageSize);
  }

  #tryCheckpoint(): Checkpoint {
    try {
      return this.#checkpoint(this.#passive) ? 'whole' : 'partial';
    } catch (error) {
      // Others have used up the room for the new pages in the log. Until these are in the file, the log cannot be
      // restarted.
      return lacksRoom(error) && this.#reserve.release() ? this.#tryCheckpoint() : 'failed';
    }
  }

  /** @returns whether all of the log is in the file now */
  #checkpoint(statement: SqliteStatement): boolean {
    const { busy, log, checkpointed } = statement.get() as { busy: number; log: number; checkpointed: number };
    return busy === 0 && log === checkpointed;
  }

  #shortenLog(): void {
    const size = statSync(this.#log, { throwIfNoEntry: false })?.size ?? 0;
    this.#isLogTooLong = size > this.sizes.log && !this.#isRestarted() && size > this.sizes.maxLog;
  }

  /** If it is restarted, the next commit truncates it to its usual length. */
  #isRestarted(): boolean {
    try {
      return this.#checkpoint(this.#restart);
    } catch {
      return false;
    }
  }

  /** Allocates the log in advance: up to this length it needs no further room. */
  #allocateLog(): void {
    if (this.#extendLog()) return;
    // Without room for a single end nothing could ever be deleted.
    if (statSync(this.#log).size < MIN_LOG && this.#reserve.release()) this.#extendLog();
  }

  #extendLog(): boolean {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#log, constants.O_WRONLY | constants.O_APPEND);
      const missing = this.sizes.allocatedLog - fstatSync(descriptor).size;
      // Zeros are no valid frames, so SQLite overwrites them. It never takes the end of the file for the end of its
      // log.
      for (let left = missing; left > 0;) left -= writeSync(descriptor, Buffer.alloc(Math.min(left, 65_536)));
      return true;
    } catch {
      return false;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }
}

function numberOf(statement: SqliteStatement): number {
  const [value] = Object.values(statement.get() as Record<string, number>);
  return value!;
}
