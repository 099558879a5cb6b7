import { SESSION_OVERHEAD, type SessionRecord } from 'nest-gatehouse/session/storage';
import type { CommitWatch } from '../file/commit-watch.js';

/**
 * Records of live sessions as they are in the file, for reads that need not ask it. It is asked before each read whether
 * another connection has committed, and then everything is dropped. What this connection changes is told by `forget` and
 * `forgetAll` while its transaction runs, and by `put`; nothing else runs until that is committed or rolled back.
 *
 * Bounded by two generations: the younger one takes what is used, and replaces the older one when it is half full.
 */
export class RecordCache {
  readonly #half: number;
  #young = new Map<string, SessionRecord>();
  #old = new Map<string, SessionRecord>();
  #youngBytes = 0;
  #isOff: boolean;
  /** What the current transaction has put. */
  readonly #uncommitted = new Set<string>();

  /** @param maxBytes about what it may take; 0 turns it off */
  constructor(
    maxBytes: number,
    private readonly watch: CommitWatch,
  ) {
    this.#half = maxBytes / 2;
    this.#isOff = maxBytes === 0;
  }

  /** The record may have expired since. @throws an error of the driver */
  get(handle: string): SessionRecord | undefined {
    if (this.#isOff) return undefined;
    // While this connection writes, no other one can.
    if (this.#uncommitted.size === 0 && this.watch.hasMoved()) this.forgetAll();
    const record = this.#young.get(handle);
    if (record !== undefined) return record;
    const older = this.#old.get(handle);
    if (older !== undefined) this.#add(older);
    return older;
  }

  /** Keeps what was just read outside of a transaction, after `get` had nothing. */
  keep(record: SessionRecord): void {
    if (!this.#isOff) this.#add(record);
  }

  /** Keeps what the current transaction has written. */
  put(record: SessionRecord): void {
    if (this.#isOff) return;
    this.#uncommitted.add(record.handle);
    this.#add(record);
  }

  forget(handle: string): void {
    const record = this.#young.get(handle);
    if (record !== undefined) this.#youngBytes -= bytesOf(record);
    this.#young.delete(handle);
    this.#old.delete(handle);
  }

  forgetAll(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngBytes = 0;
  }

  committed(): void {
    if (this.#uncommitted.size === 0) return;
    this.#uncommitted.clear();
    this.watch.prove();
  }

  rolledBack(): void {
    for (const handle of this.#uncommitted) this.forget(handle);
    this.#uncommitted.clear();
  }

  /** Once the file is known to be damaged, every read must meet the damage. */
  turnOff(): void {
    this.#isOff = true;
    this.forgetAll();
  }

  #add(record: SessionRecord): void {
    this.forget(record.handle);
    this.#young.set(record.handle, record);
    this.#youngBytes += bytesOf(record);
    if (this.#youngBytes <= this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}

function bytesOf({ data }: SessionRecord): number {
  return data.length + SESSION_OVERHEAD;
}
