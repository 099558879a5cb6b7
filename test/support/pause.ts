import { Latch } from './latch.js';

/**
 * Holds the next call of a method, in this process, until it is let go: before it does its work, or when the work is done and nobody knows yet. Calls
 * after that one pass.
 */
export class Pause {
  static readonly #waiting = new Set<() => void>();
  readonly #reached = new Latch();
  readonly #go = new Latch();

  constructor(target: object, name: string, when: 'before' | 'after' = 'before') {
    const original = Reflect.get(target, name) as (...args: unknown[]) => unknown;
    const restore = () => {
      Reflect.set(target, name, original);
      Pause.#waiting.delete(restore);
    };
    Pause.#waiting.add(restore);
    Reflect.set(target, name, async (...args: unknown[]) => {
      restore();
      if (when === 'before') await this.#stop();
      const answer = await original.apply(target, args);
      if (when === 'after') await this.#stop();
      return answer;
    });
  }

  /** Holds no call any more that has not come. */
  static endAll(): void {
    for (const restore of [...Pause.#waiting].reverse()) restore();
  }

  /** Resolves when the call has come. */
  get reached(): Promise<void> {
    return this.#reached.opened;
  }

  goOn(): void {
    this.#go.open();
  }

  async #stop(): Promise<void> {
    this.#reached.open();
    await this.#go.opened;
  }
}
