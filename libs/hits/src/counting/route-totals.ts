import { OTHER, UNMATCHED, type RouteHits } from '../storage/hit-records.js';

/** How often one route was called, as this process has counted since it started. */
export interface RouteTotal {
  readonly method: string;
  /** The pattern, never an address: `/users/:id`, `(unmatched)`, `(other)`. */
  readonly route: string;
  /** The class of the status, such as `2xx`; `aborted` if the client left before the answer began. */
  readonly status: string;
  readonly total: number;
}

/** Sums that never fall, of a bounded number of routes. */
export class RouteTotals {
  readonly #totals = new Map<string, RouteTotal>();
  readonly #routes = new Set<string>();

  constructor(private readonly maxRoutes: number) {}

  add(routes: Iterable<RouteHits>): void {
    for (const { method, route, status } of routes) {
      const name = this.#admitted(route);
      for (const [digit, count] of Object.entries(status)) this.#raise(method, name, digit, count);
    }
  }

  /** @param open what is counted and not added yet */
  including(open: Iterable<RouteHits>): readonly RouteTotal[] {
    const all = new RouteTotals(this.maxRoutes);
    for (const { method, route, status, total } of this.#totals.values())
      all.#raise(method, all.#admitted(route), status, total);
    all.add(open);
    return [...all.#totals.values()];
  }

  #admitted(route: string): string {
    if (route === UNMATCHED || route === OTHER || this.#routes.has(route)) return route;
    if (this.#routes.size >= this.maxRoutes) return OTHER;
    this.#routes.add(route);
    return route;
  }

  #raise(method: string, route: string, status: string, by: number): void {
    const key = `${status} ${method} ${route}`;
    this.#totals.set(key, { method, route, status, total: (this.#totals.get(key)?.total ?? 0) + by });
  }
}
