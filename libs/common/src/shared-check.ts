const SECOND = 1_000;

/** Does its work once in a while at most, however many ask: they share the work under way, and its outcome for a while after. */
export class SharedCheck {
  #latest: Promise<void> | undefined;
  #startedAt = -Infinity;

  /** @param interval milliseconds from one beginning to the next at least. Default 1 s */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly interval = SECOND,
  ) {}

  /** @throws what the work has thrown */
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
