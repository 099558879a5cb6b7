/** How much a run does. */
export interface Scale {
  /** Requests of one measurement. */
  readonly requests: number;
  /** Measurements of which the median counts. */
  readonly rounds: number;
  /** Requests that change one session at once. */
  readonly concurrent: number;
  /** Requests that are overtaken by a logout. */
  readonly logouts: number;
  /** Sessions opened to see what one takes. */
  readonly heapSessions: number;
  /** Sessions in the store, few and many. */
  readonly storeSizes: readonly [number, number];
}

export const FULL: Scale = {
  requests: 20_000,
  rounds: 5,
  concurrent: 10_000,
  logouts: 200,
  heapSessions: 100_000,
  storeSizes: [10_000, 1_000_000],
};

/** To see that everything runs; the figures mean little. */
export const QUICK: Scale = {
  requests: 1_000,
  rounds: 1,
  concurrent: 500,
  logouts: 20,
  heapSessions: 5_000,
  storeSizes: [1_000, 10_000],
};
