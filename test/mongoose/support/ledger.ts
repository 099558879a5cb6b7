import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from 'nest-gatehouse/common';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { until } from '../../support/latch.js';
import { type MongoStorage } from './mongo-storage.js';
import { aRecord } from '../../support/records/sessions.js';

const VISITORS = 8;

interface Entry {
  readonly record: SessionRecord;
  /** The last count that was acknowledged, and how many more may have been added. */
  count: number;
  unknown: number;
  /** Acknowledged, attempted with unknown outcome, or not at all. */
  end: 'acknowledged' | 'unknown' | 'none';
}

/** Visitors that sign in, count, sign out or are revoked, and what they were told. */
export class Ledger {
  readonly #entries: Entry[] = [];
  #stopped = false;
  #lastSuccess = performance.now();
  acknowledged = 0;
  /** The longest time in which nothing succeeded, in milliseconds. */
  longestOutage = 0;

  constructor(
    private readonly storage: MongoStorage,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: VISITORS }, (_, n) => this.#visit(n)));
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Waits for so many more acknowledged operations. */
  async grownBy(operations: number): Promise<void> {
    const goal = this.acknowledged + operations;
    for (let seconds = 0; this.acknowledged < goal && seconds < 60; seconds += 10) {
      await until(`${goal} operations`, () => this.acknowledged >= goal).catch(() => undefined);
    }
    if (this.acknowledged < goal) throw new Error('The load has come to a standstill.');
  }

  /** What the store has now that contradicts what it has acknowledged. */
  async faults(): Promise<string[]> {
    const faults: string[] = [];
    for (const { record, count, unknown, end } of this.#entries) {
      const read = await this.storage.store.read(record.handle);
      if (end === 'acknowledged' && read) faults.push(`${record.handle} has ended and is alive`);
      if (end === 'none' && !read) faults.push(`${record.handle} is lost`);
      if (!read) continue;
      const present = (JSON.parse(read.data) as { n?: number }).n ?? 0;
      if (present < count || present > count + unknown)
        faults.push(`${record.handle} counts ${present}, not ${count} to ${count + unknown}`);
    }
    return faults;
  }

  async #visit(visitor: number): Promise<void> {
    for (let round = 0; !this.#stopped; round++) {
      const userId = `user${visitor}-${round}`;
      const record = aRecord(this.clock, { userId, userEpoch: 0 });
      if (!(await this.#tried(() => this.storage.store.insert(record)))) continue;
      const entry: Entry = { record, count: 0, unknown: 0, end: 'none' };
      this.#entries.push(entry);
      for (let n = 0; n < 4; n++) {
        const counted = await this.#tried(() =>
          this.storage.store.update(record.handle, { data: { increment: new Map([['n', 1]]) } }),
        );
        if (counted) entry.count++;
        else entry.unknown++;
      }
      if (round % 3 === 0) continue;
      const ended = await this.#tried(() =>
        round % 3 === 1 ? this.storage.store.delete(record.handle) : this.storage.index.raiseUserEpoch(userId),
      );
      entry.end = ended ? 'acknowledged' : 'unknown';
    }
  }

  async #tried(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
    } catch {
      // A browser that is told 503 comes back a little later.
      await pause(20);
      return false;
    }
    const now = performance.now();
    this.longestOutage = Math.max(this.longestOutage, now - this.#lastSuccess);
    this.#lastSuccess = now;
    this.acknowledged++;
    return true;
  }
}
