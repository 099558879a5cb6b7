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
  /** Refused sign-ins of each kind that are timed, sign-ins at once, and strangers that sign in during each flood. */
  readonly signIns: { readonly refused: number; readonly burst: number; readonly strangers: number };
  /** Sessions in the store, few and many. */
  readonly storeSizes: readonly [number, number];
  /** The same in MongoDB; a million only if asked for, because filling it takes minutes. */
  readonly mongodbSizes: readonly number[];
  /** Sessions that an administrator ends at once. */
  readonly endedSessions: number;
  /** Sessions among which some are found and counted. */
  readonly searchSize: number;
  /** Parts of the names of the stores that are searched. */
  readonly searchStores: readonly string[];
}

export const FULL: Scale = {
  requests: 20_000,
  rounds: 5,
  concurrent: 10_000,
  logouts: 200,
  heapSessions: 100_000,
  signIns: { refused: 60, burst: 100, strangers: 40 },
  storeSizes: [10_000, 1_000_000],
  mongodbSizes: [10_000],
  endedSessions: 100_000,
  searchSize: 1_000_000,
  searchStores: [''],
};

/** To see that everything runs; the figures mean little. */
export const QUICK: Scale = {
  requests: 1_000,
  rounds: 1,
  concurrent: 500,
  logouts: 20,
  heapSessions: 5_000,
  signIns: { refused: 3, burst: 10, strangers: 3 },
  storeSizes: [1_000, 10_000],
  mongodbSizes: [1_000],
  endedSessions: 3_000,
  searchSize: 60_000,
  searchStores: [''],
};
