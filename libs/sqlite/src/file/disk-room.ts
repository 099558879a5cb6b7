import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { diskSizes, freeBytes, largestFile, type DiskSizes } from './disk-sizes.js';
import { ReserveFile } from './reserve-file.js';
import { lacksRoom, unavailable } from '../driver/sqlite-fault.js';
import { rowsOf, type SqliteConnection, type SqliteStatement } from '../driver/sqlite.driver.js';

/**
 * What a write may take when there is little room: `growth` stores something new and must leave room for the rest; `little` changes small
 * things that ends depend on, such as a counter of failures; `end` takes something away, and may use what there is.
 */
export type Need = 'growth' | 'little' | 'end';

// In pages. An end may need one for the epoch of a user.
const FOR_ENDS = 32;
const FLOORS: Readonly<Record<Need, number>> = { growth: FOR_ENDS + 16, little: FOR_ENDS - 16, end: 0 };
/** A session of the largest usual size, with its entries in the indexes. */
const USUAL = 32;
const SPARE = 16;
// The least of the log in which the end of one session fits however the pages of the indexes lie.
const ROOM_OF_AN_END = 192 * 1024;

// Where nothing more could be had a moment ago, and nothing was written since, nobody need look again.
const PATIENCE = 100;
const COMMITS_BETWEEN_LOOKS = 32;

type Checkpoint = 'whole' | 'partial' | 'failed';

/**
 * Keeps room for ends on a disk that gets full, whoever fills it. SQLite needs room to take something away: in its log, and in the file
 * for what the log has of new pages. So the file grows in steps, each moved out of the log into the file before the next one, and only
 * while a reserve lies beside it; the log is laid out beforehand, and what is moved out of it makes it free again. Then an end writes on
 * what is allocated already.
 */
export class DiskRoom {
  readonly sizes: DiskSizes;
  readonly #reserve: ReserveFile;
  readonly #log: string;
  readonly #pageSize: number;
  /** Pages that the file may have at most. */
  readonly #most: number;
  readonly #pages: SqliteStatement;
  readonly #freePages: SqliteStatement;
  readonly #passive: SqliteStatement;
  readonly #restart: SqliteStatement;
  /** Pages up to which the file may grow at present, those for ends included. */
  #limit = 0;
  #isShort = false;
  /** Whether one large write has been allowed more than a step. */
  #isWide = false;
  #measuredAt = -Infinity;
  #commits = 0;
  #isLogTooLong = false;

  constructor(
    private readonly connection: SqliteConnection,
    /** Behind all symbolic links. */
    private readonly file: string,
  ) {
    this.sizes = diskSizes(file);
    this.#reserve = new ReserveFile(file, this.sizes.reserve);
    this.#log = `${file}-wal`;
    this.#pageSize = Number(rowsOf(connection, 'page_size', 'pragma_page_size')[0]![0]);
    this.#most = Math.floor(largestFile() / this.#pageSize);
    this.#pages = connection.prepare('PRAGMA page_count');
    this.#freePages = connection.prepare('PRAGMA freelist_count');
    this.#passive = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
    this.#restart = connection.prepare('PRAGMA wal_checkpoint(RESTART)');
    this.#layOutLog();
    this.measure();
  }

  /** Whether writes are to be weighed by `requireLeft`. */
  get isShort(): boolean {
    return this.#isShort || this.#isLogTooLong;
  }

  /** Within a transaction: how many pages can still be taken. */
  left(): number {
    return numberOf(this.#freePages) + this.#limit - numberOf(this.#pages);
  }

  /** Within a transaction that began with `before` pages left, before its end. @throws StoreUnavailableError where it takes too much */
  requireLeft(before: number, need: Need): void {
    if (this.#isLogTooLong && need !== 'end') throw unavailable('busy');
    const left = this.left();
    if (left < before && left < FLOORS[need]) throw unavailable('full');
  }

  /** After a write found no room, outside of transactions. @returns whether it may find some now */
  relieve(attempt: number, need: Need): boolean {
    try {
      return attempt === 1 ? this.#makeRoom(need) : this.#makeMoreRoom(need);
    } catch {
      // The file has gone, or another process is just recovering it: the write fails by its own error.
      return false;
    }
  }

  /** Moves the log into the file, and says how far the file may grow from there. @param step how many pages at most */
  measure(step = this.#step): Checkpoint {
    const checkpoint = this.#tryCheckpoint();
    if (this.#isLogTooLong) this.#shortenLog();
    const pages = numberOf(this.#pages);
    const stored = Math.floor(statSync(this.file).size / this.#pageSize);
    const allowed = checkpoint === 'failed' || !this.#hasReserve() ? 0 : this.#growth(pages, stored, step);
    this.#isShort = allowed < this.#step;
    this.#isWide = allowed > this.#step;
    // Without growth from what is really on the disk, so that what is kept for ends is not given anew each time.
    const from = allowed > 0 ? pages + allowed : stored;
    this.#limit = Math.max(pages, Math.min(this.#most, from + FOR_ENDS));
    this.connection.exec(`PRAGMA max_page_count = ${this.#limit}`);
    this.#measuredAt = performance.now();
    return checkpoint;
  }

  /** For health checks. @throws StoreUnavailableError where a session of usual size has no room, or the log cannot be moved into the file */
  check(): void {
    if (this.measure() === 'failed') this.#checkpoint(this.#passive);
    if (this.#isLogTooLong) this.#shortenLog();
    if (this.#isLogTooLong) throw unavailable('busy');
    if (this.isShort && this.left() < FLOORS.growth + USUAL) throw unavailable('full');
  }

  /** After each commit. Most logs are begun anew by themselves; one that somebody goes on reading is not. */
  committed(): void {
    this.#measuredAt = -Infinity;
    const isTimeToLook = ++this.#commits % COMMITS_BETWEEN_LOOKS === 0;
    if (!isTimeToLook && !this.#isLogTooLong && !this.#isWide) return;
    try {
      if (this.#isWide) this.measure();
      this.#shortenLog();
    } catch {
      // What was committed is committed; the next write meets the same.
    }
  }

  /** When the log has been given back to the disk: its room is kept for the next start. */
  restoreReserve(): void {
    this.#hasReserve();
  }

  #makeRoom(need: Need): boolean {
    if (this.isShort && need !== 'end' && performance.now() - this.#measuredAt < PATIENCE) return false;
    return this.measure() !== 'failed';
  }

  /** The reserve for an end; for a single large write all that the disk has. */
  #makeMoreRoom(need: Need): boolean {
    if (need === 'end') return this.#reserve.release();
    return need === 'growth' && this.measure(Infinity) !== 'failed' && !this.#isShort;
  }

  get #step(): number {
    return Math.floor(this.sizes.reserve / 2 / this.#pageSize);
  }

  /** @param stored pages that the file has; the others are in the log alone */
  #growth(pages: number, stored: number, step: number): number {
    const free = freeBytes(this.file) / this.#pageSize - Math.max(0, pages - stored);
    // Each page is written twice: into the log, and from there into the file.
    const room = Math.min(Math.floor(free / 2) - SPARE, this.#most - FOR_ENDS - pages);
    return Math.max(0, Math.min(step, room));
  }

  #hasReserve(): boolean {
    return this.#reserve.missing === 0 || this.#reserve.make(freeBytes(this.file) - SPARE * this.#pageSize);
  }

  #tryCheckpoint(): Checkpoint {
    try {
      return this.#checkpoint(this.#passive) ? 'whole' : 'partial';
    } catch (error) {
      // Others have taken what was there for the new pages in the log: until they are in the file, the log cannot be begun anew.
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
    this.#isLogTooLong = size > this.sizes.log && !this.#isRestarted() && size > this.sizes.longestLog;
  }

  /** The next commit then cuts it to its usual length. */
  #isRestarted(): boolean {
    try {
      return this.#checkpoint(this.#restart);
    } catch {
      return false;
    }
  }

  /** Written once: as long as the log is no longer than this, it takes no further room. */
  #layOutLog(): void {
    if (this.#extendLog()) return;
    // Without room for a single end nothing could ever be taken away.
    if (statSync(this.#log).size < ROOM_OF_AN_END && this.#reserve.release()) this.#extendLog();
  }

  #extendLog(): boolean {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(this.#log, constants.O_WRONLY | constants.O_APPEND);
      const missing = this.sizes.laidOut - fstatSync(descriptor).size;
      // Zeros are no frames: SQLite writes over them. On what it knows as its own it never relies on the end of the file.
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
