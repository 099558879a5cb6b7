/** How often one route was called, as this process has counted since it started. */
export interface RouteHits {
  readonly method: string;
  /** The pattern, never an address: `/users/:id`, `(unmatched)`, `(other)`. */
  readonly route: string;
  /** The class of the status, such as `2xx`. */
  readonly status: string;
  readonly total: number;
}

/** Provided by whatever counts requests; without it `/metrics` has no `gatehouse_hits_total`. */
export abstract class HitsSource {
  /** Bounded in number, whatever addresses are asked for. Totals never fall. */
  abstract totals(): Iterable<RouteHits>;
}
