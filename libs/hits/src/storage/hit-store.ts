import type { Awaitable } from 'nest-gatehouse/common';
import type { AgentHits, Bucket, HitBatch, HitCounts, RouteHits, Span } from './hit-records.js';

/** Where counted requests are kept. The class is its own injection token. */
export abstract class HitStore {
  /**
   * Adds a batch to its hours, their days, and the total, in one step. A batch that was added before changes nothing,
   * so whoever does not know whether it arrived may send it again; a process sends its batches one after another.
   *
   * Names beyond the limits of their day are added to `OTHER`, over all processes; `UNMATCHED` and `OTHER` need no room.
   */
  abstract add(batch: HitBatch): Awaitable<void>;

  /** All there ever were, whatever has expired. */
  abstract total(): Awaitable<HitCounts>;

  /** The buckets of the span that have hits or uniques, in the order of time. */
  abstract buckets(span: Span): Awaitable<Bucket[]>;

  /** The sums over all spans, in no order. */
  abstract routes(spans: readonly Span[]): Awaitable<RouteHits[]>;

  /** The sums over all spans, in no order. */
  abstract agents(spans: readonly Span[]): Awaitable<AgentHits[]>;

  /** The hits of these sessions; 0 for one without any. */
  abstract ofSessions(handles: readonly string[]): Awaitable<Map<string, number>>;

  /**
   * Removes at most `limit` things of each kind that have expired. @returns how many; 0 where the database does this by
   * itself
   */
  abstract expire(until: Expiry, limit: number): Awaitable<number>;
}

export interface Expiry {
  readonly now: number;
  /** Hours that began before this. */
  readonly hoursBefore: number;
  readonly daysBefore: number;
}
