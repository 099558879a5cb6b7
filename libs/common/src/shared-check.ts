const SECOND = 1_000;

/**
 * Runs its work at most once per interval, however many callers ask: they share the running work, and its outcome until
 * the interval ends.
 */
export class SharedCheck {
  #latest: Promise<void> | undefined;
  #startedAt = -Infinity;

  /** @param interval the minimum from one start to the next, in milliseconds. Default 1 s */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly interval = SECOND,
  ) {}

  /** @throws whatever the work throws */
  run(): Promise<void> {
    const now = performance.now();
    if (!this.#latest || (!this.#isRunning && now - this.#startedAt >= this.interval)) {
      this.#startedAt = now;
      this.#latest = this.#start();
    }
    return this.#latest;
  }

  #isRunning = false;

  async #start(): Promise<void> {
    this.#isRunning = true;
    try {
      await this.work();
    } finally {
      this.#isRunning = false;
    }
  }
}
