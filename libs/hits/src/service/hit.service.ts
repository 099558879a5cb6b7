import { Inject, Injectable } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import type { RouteTotal } from '../counting/route-totals.js';
import { HitWriter } from '../counting/hit-writer.js';
import type { ResolvedHitsOptions } from '../hits.options.js';
import { HITS_OPTIONS } from '../hits.tokens.js';
import { nameOfAgent, nameOfRoute } from '../storage/admitted-names.js';
import type { AgentHits, Span, StatusCounts, Unit } from '../storage/hit-records.js';
import { HitStorage } from '../storage/hit-storage.js';
import { totalOf } from '../storage/sums.js';
import { LENGTH_OF } from '../storage/time-units.js';
import { pageOf, type HitList, type HitPage } from './hit-lists.js';
import { resolveRange, spansOf, startsIn, type HitRange } from './hit-range.js';

/** One hour, or one day in UTC. */
export interface HitBucket {
  /** When it began, in ISO 8601. */
  readonly start: string;
  readonly total: number;
  readonly people: number;
  readonly bots: number;
  /** By day: sessions of people that were used for the first time on this day. */
  readonly uniques?: number;
}

export interface HitSeries {
  readonly items: readonly HitBucket[];
}

export interface CountedRoute {
  readonly method: string;
  /** A pattern such as `/users/:id`, or `(unmatched)`, or `(other)`. */
  readonly route: string;
  readonly total: number;
  /** By `2xx` and so on; `aborted` if the client left before the answer began. */
  readonly status: StatusCounts;
}

/** How often? All that has been counted by all processes; of this process also what it has not written yet. */
@Injectable()
export class HitService {
  constructor(
    @Inject(HITS_OPTIONS) private readonly options: ResolvedHitsOptions,
    private readonly writer: HitWriter,
    private readonly storage: HitStorage,
    private readonly clock: Clock,
  ) {}

  /** All requests ever, whatever has expired. @throws 503 `store_unavailable` */
  async total(): Promise<number> {
    return this.writer.read(async () => {
      const { people, bots } = await this.storage.ask('hits.total', () => this.storage.store.total());
      const { unwritten } = this.writer;
      return people + bots + unwritten.people + unwritten.bots;
    });
  }

  /** What this process has counted since it started, by route and class of status; bounded in number. */
  totals(): readonly RouteTotal[] {
    return this.writer.buffer.routeTotals();
  }

  /** The requests of one session so far. @throws 503 `store_unavailable` */
  async forSession(handle: string): Promise<number> {
    return (await this.forSessions([handle])).get(handle) ?? 0;
  }

  /** The requests of each of these sessions. @throws 503 `store_unavailable` */
  async forSessions(handles: readonly string[]): Promise<Map<string, number>> {
    return this.writer.read(async () => {
      const stored = await this.storage.ask('hits.sessions', () => this.storage.store.ofSessions(handles));
      return new Map(
        handles.map((handle) => [handle, (stored.get(handle) ?? 0) + this.writer.unwrittenOf(handle)] as const),
      );
    });
  }

  /**
   * Every hour or day that begins in the range, also those without hits.
   * @throws 400 `from_invalid`, `to_invalid`, 503 `store_unavailable`
   */
  async series({ by, ...range }: HitRange & { readonly by: Unit }): Promise<HitSeries> {
    const starts = startsIn(by, resolveRange(range, by, this.clock.now()));
    const [first, last] = [starts[0], starts.at(-1)];
    if (first === undefined || last === undefined) return { items: [] };
    const span = { unit: by, from: first, to: last + LENGTH_OF[by] };
    await this.writer.tryToFlush();
    const found = await this.storage.ask('hits.buckets', () => this.storage.store.buckets(span));
    const buckets = new Map(found.map((bucket) => [bucket.start, bucket]));
    const items = starts.map((start): HitBucket => {
      const { people, bots, uniques } = buckets.get(start) ?? { people: 0, bots: 0, uniques: 0 };
      const counts = { start: new Date(start).toISOString(), total: people + bots, people, bots };
      return by === 'day' ? { ...counts, uniques } : counts;
    });
    return { items };
  }

  /**
   * The routes with most hits first, in pages. Hours are counted as long as they are kept; before that, whole days.
   * @throws 400 `from_invalid`, `to_invalid`, BadCursorError, 503 `store_unavailable`
   */
  async routes(range: HitRange = {}, page: HitPage = {}): Promise<HitList<CountedRoute>> {
    const spans = await this.#spans(range);
    const found = await this.storage.ask('hits.routes', () => this.storage.store.routes(spans));
    const counted = found.map(({ method, route, status }): CountedRoute => ({
      method,
      route,
      total: totalOf(status),
      status,
    }));
    return pageOf('hit_routes', counted, page, nameOfRoute);
  }

  /** The families of user agents with most hits first, in pages. @throws as `routes` */
  async agents(range: HitRange = {}, page: HitPage = {}): Promise<HitList<AgentHits>> {
    const spans = await this.#spans(range);
    const found = await this.storage.ask('hits.agents', () => this.storage.store.agents(spans));
    const counted = found.map(({ family, bot, total }): AgentHits => ({ family, bot, total }));
    return pageOf('hit_agents', counted, page, nameOfAgent);
  }

  async #spans(range: HitRange): Promise<Span[]> {
    const now = this.clock.now();
    const spans = spansOf(resolveRange(range, 'day', now), now - this.options.retention);
    await this.writer.tryToFlush();
    return spans;
  }
}
