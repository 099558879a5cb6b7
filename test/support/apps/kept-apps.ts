import type { Server } from 'node:net';
import { Pause } from '../pause.js';
import type { AppPlace, StartAt, SuiteContext } from './app-place.js';
import { DAY, FakeClock } from './fake-clock.js';
import type { RunningApp } from './platforms.js';
import type { OpenStorage } from './test-storage.js';

/** Those that no test has at present. More would only take memory. */
const MOST_IDLE = 4;

interface Kept<App> {
  readonly key: string;
  readonly app: App;
}

/**
 * The applications of a suite whose tests share them: starting one takes longer than most tests. Who asks for one that is set up like
 * another gets that one, on a storage that is empty again, a day later.
 */
export class KeptApps<Setup, App extends RunningApp> {
  readonly #clock = new FakeClock();
  readonly #identities = new Map<unknown, number>();
  readonly #used: Kept<App>[] = [];
  readonly #idle: Kept<App>[] = [];
  #storage: OpenStorage | undefined;

  constructor(
    private readonly context: SuiteContext,
    private readonly startAt: StartAt<Setup, App>,
  ) {}

  async start(setup: Setup): Promise<App> {
    this.#storage ??= await this.context.storage.open();
    const key = this.#keyOf(setup);
    const at = this.#idle.findIndex((kept) => kept.key === key);
    const kept = this.#idle.splice(at, at < 0 ? 0 : 1)[0] ?? { key, app: await this.#startNew(this.#storage, setup) };
    this.#used.push(kept);
    return kept.app;
  }

  /** After each test. */
  async release(): Promise<void> {
    Pause.endAll();
    for (const kept of this.#used.splice(0)) {
      kept.app.forget?.();
      if ((kept.app.app.getHttpServer() as Server).listening) this.#idle.push(kept);
    }
    const spare = this.#idle.splice(0, Math.max(0, this.#idle.length - MOST_IDLE));
    await Promise.all(spare.map(({ app }) => app.close()));
    await this.#storage?.empty();
    this.#clock.advance(DAY);
  }

  /** After the last test. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(({ app }) => app.close()));
    await this.#storage?.close();
  }

  #startNew(storage: OpenStorage, setup: Setup): Promise<App> {
    const place: AppPlace = { platform: this.context.platform, storage, clock: this.#clock };
    return this.startAt(place, setup);
  }

  /** The same for setups that say the same; a function, or an object of a class, is the same as itself alone. */
  #keyOf(setup: unknown): string {
    return JSON.stringify({ setup }, (_, value: unknown) => {
      if (value === null || !['function', 'object', 'symbol'].includes(typeof value)) return value;
      if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) return value;
      if (!this.#identities.has(value)) this.#identities.set(value, this.#identities.size);
      return `identity ${this.#identities.get(value)}`;
    });
  }
}
