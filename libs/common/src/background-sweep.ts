import { setImmediate } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';

// The longest interval of setInterval.
const MAX_INTERVAL = 2 ** 31 - 1;

/** Periodic work while the application runs; two runs never overlap. The timer does not keep the process alive. */
export abstract class BackgroundSweep implements OnApplicationBootstrap, OnModuleDestroy {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<number> | undefined;

  /** Milliseconds from one sweep to the next; null if this application has nothing to sweep. */
  protected abstract readonly interval: number | null;

  /** Whether the first sweep runs at the start, without waiting for the interval. */
  protected readonly atStart: boolean = false;

  /** @returns how many things it has removed or finished */
  protected abstract work(): Promise<number>;

  onApplicationBootstrap(): void {
    const { interval } = this;
    if (interval === null) return;
    // The store has reported a failed sweep; it is tried again next time.
    const sweep = () => void this.sweep().catch(() => undefined);
    this.#timer = setInterval(sweep, Math.min(interval, MAX_INTERVAL)).unref();
    if (this.atStart) sweep();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  /**
   * Sweeps now, or joins a running sweep. @returns how many things it has removed or finished. @throws ProblemException
   * 503 `store_unavailable`
   */
  sweep(): Promise<number> {
    this.#running ??= this.work().finally(() => (this.#running = undefined));
    return this.#running;
  }
}

/** Runs `batch` until it returns 0, and yields to the event loop in between. @returns the sum */
export async function inBatches(batch: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (;;) {
    const count = await batch();
    if (count === 0) return sum;
    sum += count;
    await setImmediate();
  }
}
