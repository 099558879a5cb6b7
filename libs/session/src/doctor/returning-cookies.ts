const MAX_CALLERS = 500;
/** Calls that were under way together may all come without the cookie that the first of them gets. */
const PATIENCE = 1_000;
/** So many calls without a cookie, each long after one was set, are no coincidence. */
const ENOUGH = 3;

interface Caller {
  setAt: number;
  without: number;
}

/**
 * Whether a page that calls from another origin brings back the cookie that it was given. A caller that has brought it
 * once is never suspected again.
 */
export class ReturningCookies {
  /** Null: has brought it. */
  readonly #callers = new Map<string, Caller | null>();

  /** The caller came with the cookie. */
  came(caller: string): void {
    this.#keep(caller, null);
  }

  /**
   * The caller came without the cookie, and was given one. @returns whether it does not bring back what it is given
   */
  wasGiven(caller: string, now: number): boolean {
    const known = this.#callers.get(caller);
    if (known === null) return false;
    const isAgain = known !== undefined && now - known.setAt >= PATIENCE;
    const without = (known?.without ?? 0) + (isAgain ? 1 : 0);
    this.#keep(caller, { setAt: isAgain || !known ? now : known.setAt, without });
    return without >= ENOUGH;
  }

  /** The one that was seen longest ago makes room. */
  #keep(caller: string, state: Caller | null): void {
    this.#callers.delete(caller);
    this.#callers.set(caller, state);
    if (this.#callers.size > MAX_CALLERS) this.#callers.delete(this.#callers.keys().next().value!);
  }
}
