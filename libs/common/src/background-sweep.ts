import { setImmediate } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

// What setInterval takes.
const MAX_INTERVAL = 2 ** 31 - 1;

/** Work that is done again and again while the application runs, one at a time. The timer keeps no process alive. */
export abstract class BackgroundSweep implements OnApplicationBootstrap, OnModuleDestroy {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<number> | undefined;

  /** Milliseconds from one sweep to the next; null: this application has nothing to sweep. */
  protected abstract readonly interval: number | null;

  /** Whether the first sweep waits for no interval. */
  protected readonly atStart: boolean = false;

  /** @returns how many things it has removed, or finished */
  protected abstract work(): Promise<number>;

  onApplicationBootstrap(): void {
    const { interval } = this;
    if (interval === null) return;
    // A sweep that fails has been reported by the store, and is tried again next time.
    const sweep = () => void this.sweep().catch(() => undefined);
    this.#timer = setInterval(sweep, Math.min(interval, MAX_INTERVAL)).unref();
    if (this.atStart) sweep();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  /** Joins a sweep that is under way. @returns how many it has removed, or finished. @throws ProblemException 503 `store_unavailable` */
  sweep(): Promise<number> {
    this.#running ??= this.work().finally(() => (this.#running = undefined));
    return this.#running;
  }
}

/** Runs `batch` until it finds nothing more, and lets the event loop turn in between. @returns the sum of what it returned */
export async function inBatches(batch: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (;;) {
    const count = await batch();
    if (count === 0) return sum;
    sum += count;
    await setImmediate();
  }
}
