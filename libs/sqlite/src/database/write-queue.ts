import { StoreUnavailableError } from 'nest-gatehouse/common';
import type { DiskRoom, Need } from '../file/disk-room.js';
import { failureOf, lacksRoom, unavailable } from '../driver/sqlite-fault.js';
import type { SqliteConnection, SqliteStatement } from '../driver/sqlite.driver.js';

interface Write {
  readonly operation: () => unknown;
  readonly durable: boolean;
  readonly need: Need;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface WriteQueueOptions {
  readonly synchronous: 'normal' | 'full';
  /** Milliseconds. */
  readonly deadline: number;
  readonly room: DiskRoom;
  /**
   * Runs after each commit, before the writes are confirmed. @throws StoreUnavailableError if the file is not where it
   * was
   */
  readonly confirm: () => void;
  /** Runs whenever a transaction has been rolled back. */
  readonly rolledBack: () => void;
  /** Called for each failure of the file. */
  readonly onFailure: (error: unknown) => void;
}

// So that one transaction blocks the event loop for a few milliseconds at most.
const MAX_BATCH = 256;
/** How often it is tried to make room for one write. */
const MAX_ATTEMPTS = 2;
const SHARED: { readonly need: Need } = { need: 'growth' };
const MIN_PAUSE = 1;
const MAX_PAUSE = 25;

/** Writes that arrive in one turn of the event loop share a transaction; each is confirmed once that is committed. */
export class WriteQueue {
  readonly #begin: SqliteStatement;
  readonly #commit: SqliteStatement;
  readonly #rollback: SqliteStatement;
  #waiting: Write[] = [];
  #scheduled = false;
  /** How many writes may share a transaction: fewer if there is no room for all of them. */
  #batchSize = MAX_BATCH;
  /** How often the current batch has found no room. */
  #attempts = 0;
  #pause = MIN_PAUSE;
  #synchronous: string | undefined;
  #whenEmpty: (() => void) | undefined;

  constructor(
    private readonly connection: SqliteConnection,
    private readonly options: WriteQueueOptions,
  ) {
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#rollback = connection.prepare('ROLLBACK');
  }

  /**
   * @param operation runs inside the transaction, and again in a new one if another operation of its batch throws
   * @param durable whether it must survive a power cut once confirmed
   * @param need how much it may take when there is little room
   */
  add<T>(operation: () => T, durable: boolean, need: Need): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = performance.now() + this.options.deadline;
      this.#waiting.push({ operation, durable, need, deadline, resolve, reject });
      if (!this.#scheduled) this.#schedule();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#waiting.splice(0, this.#batchSize);
    try {
      if (!this.#tryToBegin(batch)) return;
      this.#write(batch);
      this.#pause = MIN_PAUSE;
    } catch (error) {
      if (!mayBeRetried(error) || !this.#mayRetry(batch)) this.#fail(batch, error);
    }
    if (this.#waiting.length > 0) this.#schedule();
    else this.#whenEmpty?.();
  }

  /**
   * Retries once with the room that could be made, then in smaller batches, so that only writes without room fail. A
   * batch to be retried is put first in line.
   */
  #mayRetry(batch: readonly Write[]): boolean {
    this.#attempts++;
    const isAlone = batch.length === 1;
    const mayRelieve = this.#attempts === 1 || isAlone;
    const { need } = isAlone ? batch[0]! : SHARED;
    const isRelieved = mayRelieve && this.#attempts <= MAX_ATTEMPTS && this.options.room.relieve(this.#attempts, need);
    if (!isRelieved) this.#attempts = 0;
    if (!isRelieved && isAlone) return false;
    if (!isRelieved) this.#batchSize = Math.ceil(batch.length / 2);
    this.#waiting = [...batch, ...this.#waiting];
    return true;
  }

  /**
   * False if another process is writing: the batch then waits without blocking the event loop, together with new
   * writes.
   */
  #tryToBegin(batch: readonly Write[]): boolean {
    this.#setSynchronous(batch.some((write) => write.durable) ? 'full' : this.options.synchronous);
    try {
      this.#begin.run();
      return true;
    } catch (error) {
      if (failureOf(error) !== 'busy') throw error;
      const now = performance.now();
      const overdue = batch.filter((write) => write.deadline <= now);
      this.#waiting = [...batch.filter((write) => write.deadline > now), ...this.#waiting];
      this.#fail(overdue, error);
      this.#tryLater();
      return false;
    }
  }

  #tryLater(): void {
    if (this.#waiting.length === 0) {
      this.#whenEmpty?.();
      return;
    }
    this.#scheduled = true;
    const next = Math.min(...this.#waiting.slice(0, MAX_BATCH).map((write) => write.deadline)) - performance.now();
    const pause = MIN_PAUSE + Math.random() * this.#pause;
    this.#pause = Math.min(MAX_PAUSE, this.#pause * 2);
    setTimeout(() => this.#flush(), Math.min(pause, Math.max(next, 0)));
  }

  /** Runs inside the transaction. */
  #write(batch: readonly Write[]): void {
    const { room } = this.options;
    const isShort = room.isShort;
    const left = isShort ? room.left() : 0;
    const results: unknown[] = [];
    for (const write of batch) {
      try {
        results.push(write.operation());
      } catch (error) {
        this.#rollBack();
        const failure = failureOf(error);
        if (failure !== null && failure !== 'corrupt') throw error;
        // Only this write is at fault: the others run again without it.
        this.#fail([write], error);
        this.#waiting = [...batch.filter((other) => other !== write), ...this.#waiting];
        return;
      }
    }
    try {
      if (isShort) room.requireLeft(left, greatestNeed(batch));
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    this.options.confirm();
    batch.forEach((write, index) => write.resolve(results[index] as never));
    this.#attempts = 0;
    this.#batchSize = Math.min(MAX_BATCH, this.#batchSize * 2);
    room.committed();
  }

  #rollBack(): void {
    this.options.rolledBack();
    try {
      this.#rollback.run();
    } catch {
      // SQLite has rolled back by itself.
    }
  }

  #fail(batch: readonly Write[], error: unknown): void {
    const failure = failureOf(error);
    if (failure) this.options.onFailure(error);
    for (const write of batch) write.reject(failure ? unavailable(failure, error) : error);
  }

  #setSynchronous(level: string): void {
    if (level === this.#synchronous) return;
    this.connection.exec(`PRAGMA synchronous = ${level}`);
    this.#synchronous = level;
  }
}

/** `busy` means that the log has grown too long: wait for its readers. */
function mayBeRetried(error: unknown): boolean {
  return lacksRoom(error) || (error instanceof StoreUnavailableError && error.failure === 'busy');
}

function greatestNeed(batch: readonly Write[]): Need {
  if (batch.some(({ need }) => need === 'growth')) return 'growth';
  return batch.some(({ need }) => need === 'little') ? 'little' : 'end';
}
