import { failureOf, unavailable } from './sqlite-fault.js';
import type { SqliteConnection, SqliteStatement } from './sqlite.driver.js';

interface Write {
  readonly operation: () => unknown;
  readonly durable: boolean;
  readonly deadline: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface WriteQueueOptions {
  readonly synchronous: 'normal' | 'full';
  /** Milliseconds. */
  readonly deadline: number;
  /** Told of each failure of the file. */
  readonly onFailure: (error: unknown) => void;
}

// So that one transaction keeps the event loop for a few milliseconds at most.
const LARGEST_BATCH = 256;
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 25;

/** Writes that arrive in one turn of the event loop share a transaction; each is confirmed once that is committed. */
export class WriteQueue {
  readonly #begin: SqliteStatement;
  readonly #commit: SqliteStatement;
  readonly #rollback: SqliteStatement;
  #waiting: Write[] = [];
  #scheduled = false;
  #pause = SHORTEST_PAUSE;
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
   */
  add<T>(operation: () => T, durable: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = performance.now() + this.options.deadline;
      this.#waiting.push({ operation, durable, deadline, resolve, reject });
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
    const batch = this.#waiting.splice(0, LARGEST_BATCH);
    try {
      if (!this.#tryToBegin(batch)) return;
      this.#write(batch);
      this.#pause = SHORTEST_PAUSE;
    } catch (error) {
      this.#fail(batch, error);
    }
    if (this.#waiting.length > 0) this.#schedule();
    else this.#whenEmpty?.();
  }

  /** False if another process is writing: the batch then waits, without the event loop, and takes along what comes meanwhile. */
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
    const next = Math.min(...this.#waiting.slice(0, LARGEST_BATCH).map((write) => write.deadline)) - performance.now();
    const pause = SHORTEST_PAUSE + Math.random() * this.#pause;
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
    setTimeout(() => this.#flush(), Math.min(pause, Math.max(next, 0)));
  }

  /** Within a transaction begun. */
  #write(batch: readonly Write[]): void {
    const results: unknown[] = [];
    for (const write of batch) {
      try {
        results.push(write.operation());
      } catch (error) {
        this.#rollBack();
        const failure = failureOf(error);
        if (failure !== null && failure !== 'corrupt') throw error;
        // The fault is this one's own: the others are done again without it.
        this.#fail([write], error);
        this.#waiting = [...batch.filter((other) => other !== write), ...this.#waiting];
        return;
      }
    }
    try {
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    batch.forEach((write, index) => write.resolve(results[index] as never));
  }

  #rollBack(): void {
    try {
      this.#rollback.run();
    } catch {
      // SQLite has done so by itself.
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
