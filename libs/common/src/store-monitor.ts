import type { Awaitable } from './awaitable.js';

/**
 * How an operation ended. `refused`: with an error that the caller expects; `failed`: with an error of the store;
 * `timeout`: not within its deadline.
 */
export type StoreOutcome = 'ok' | 'refused' | 'failed' | 'timeout';

/** Called after each operation. It must not throw. */
export type StoreListener = (operation: string, outcome: StoreOutcome, milliseconds: number) => void;

/** Runs an operation inside something of its own, as a span is. It must return, or throw, what `run` does. */
export type StoreWrapper = <T>(operation: string, run: () => Awaitable<T>) => Awaitable<T>;

/**
 * Where the operations of all stores of an application are observed; `StoreCalls` asks it before each one. While nobody
 * observes, that costs one comparison.
 */
export class StoreMonitor {
  /** Read-only for everybody but this class. */
  isObserved = false;
  #listeners: readonly StoreListener[] = [];
  #wrapper: StoreWrapper | null = null;

  /** @returns a function that stops listening */
  onOperation(listener: StoreListener): () => void {
    this.#listeners = [...this.#listeners, listener];
    this.isObserved = true;
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
      this.isObserved = this.#listeners.length > 0 || this.#wrapper !== null;
    };
  }

  /** There is one wrapper at most: the last one. Null: none. */
  wrapIn(wrapper: StoreWrapper | null): void {
    this.#wrapper = wrapper;
    this.isObserved = this.#listeners.length > 0 || wrapper !== null;
  }

  /** For `StoreCalls`. */
  run<T>(operation: string, run: () => Awaitable<T>): Awaitable<T> {
    return this.#wrapper === null ? run() : this.#wrapper(operation, run);
  }

  /** For `StoreCalls`. */
  ended(operation: string, outcome: StoreOutcome, milliseconds: number): void {
    for (const listener of this.#listeners) listener(operation, outcome, milliseconds);
  }
}
