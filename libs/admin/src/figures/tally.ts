const SLOTS = 60;
const SECOND = 1_000;

/** How often something happened: in all, and within the last minute, in slots of a second. */
export class Tally {
  #total = 0;
  readonly #counts = new Float64Array(SLOTS);
  /** The second that each slot counts for. */
  readonly #seconds = new Float64Array(SLOTS).fill(-Infinity);

  get total(): number {
    return this.#total;
  }

  /** @param now milliseconds since the epoch */
  add(now: number): void {
    this.#total++;
    const second = Math.floor(now / SECOND);
    const slot = second % SLOTS;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot]!++;
  }

  lastMinute(now: number): number {
    const second = Math.floor(now / SECOND);
    let sum = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      const age = second - this.#seconds[slot]!;
      if (age >= 0 && age < SLOTS) sum += this.#counts[slot]!;
    }
    return sum;
  }
}

/** Tallies by name; one is made when its name comes for the first time. */
export class Tallies<Name extends string> {
  readonly #tallies = new Map<Name, Tally>();

  /** @param names that are there from the start, with 0 */
  constructor(...names: Name[]) {
    for (const name of names) this.#tallies.set(name, new Tally());
  }

  add(name: Name, now: number): void {
    let tally = this.#tallies.get(name);
    if (!tally) this.#tallies.set(name, (tally = new Tally()));
    tally.add(now);
  }

  totals(): (readonly [Name, number])[] {
    return [...this.#tallies].map(([name, tally]) => [name, tally.total] as const);
  }

  /** Also those that are 0. */
  lastMinute(now: number): Record<Name, number> {
    const counts = [...this.#tallies].map(([name, tally]) => [name, tally.lastMinute(now)] as const);
    return Object.fromEntries(counts) as Record<Name, number>;
  }
}
