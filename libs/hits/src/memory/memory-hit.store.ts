import { Injectable } from '@nestjs/common';
import { admitNames, withNames, type DayNames } from '../storage/admitted-names.js';
import type {
  AgentHits,
  Bucket,
  HitBatch,
  HitCounts,
  HitLimits,
  HourOfHits,
  RouteHits,
  Span,
  Unit,
} from '../storage/hit-records.js';
import { HitStore, type Expiry } from '../storage/hit-store.js';
import { byDay, sumAgents, sumCounts, sumRoutes } from '../storage/sums.js';

interface Kept extends Bucket {
  readonly routes: readonly RouteHits[];
  readonly agents: readonly AgentHits[];
}

const NO_NAMES: DayNames = { routes: new Set(), agents: new Set() };

/**
 * Hits in memory: lost with the process. Bounded by the limits of its batches: so many names a day, for so many days.
 */
@Injectable()
export class MemoryHitStore extends HitStore {
  readonly #kept: Readonly<Record<Unit, Map<number, Kept>>> = { hour: new Map(), day: new Map() };
  readonly #names = new Map<number, DayNames>();
  readonly #sessions = new Map<string, { hits: number; expiresAt: number }>();
  readonly #batches = new Map<string, number>();
  #total: HitCounts = { people: 0, bots: 0 };

  override add({ writer, number, hours, days, sessions, limits }: HitBatch): void {
    if (number <= (this.#batches.get(writer) ?? 0)) return;
    this.#batches.set(writer, number);
    for (const [day, ofDay] of byDay(hours)) {
      const named = this.#named(day, ofDay, limits);
      for (const hour of named) this.#merge('hour', { ...hour, uniques: 0 });
      for (const hour of named) this.#merge('day', { ...hour, start: day, uniques: 0 });
    }
    for (const { start, uniques } of days)
      this.#merge('day', { start, uniques, people: 0, bots: 0, routes: [], agents: [] });
    for (const { handle, hits, expiresAt } of sessions) {
      const before = this.#sessions.get(handle) ?? { hits: 0, expiresAt: 0 };
      const later = Math.max(before.expiresAt, expiresAt);
      this.#sessions.set(handle, { hits: before.hits + hits, expiresAt: later });
    }
    this.#total = sumCounts([this.#total, ...hours]);
  }

  override total(): HitCounts {
    return this.#total;
  }

  override buckets(span: Span): Bucket[] {
    return this.#within(span)
      .map(({ start, people, bots, uniques }) => ({ start, people, bots, uniques }))
      .sort((a, b) => a.start - b.start);
  }

  override routes(spans: readonly Span[]): RouteHits[] {
    return sumRoutes(spans.flatMap((span) => this.#within(span).flatMap(({ routes }) => routes)));
  }

  override agents(spans: readonly Span[]): AgentHits[] {
    return sumAgents(spans.flatMap((span) => this.#within(span).flatMap(({ agents }) => agents)));
  }

  override ofSessions(handles: readonly string[]): Map<string, number> {
    return new Map(handles.map((handle) => [handle, this.#sessions.get(handle)?.hits ?? 0]));
  }

  override expire({ now, hoursBefore, daysBefore }: Expiry, limit: number): number {
    return (
      remove(this.#kept.hour, (start) => start < hoursBefore, limit) +
      remove(this.#kept.day, (start) => start < daysBefore, limit) +
      remove(this.#names, (start) => start < daysBefore, limit) +
      remove(this.#sessions, (_, { expiresAt }) => expiresAt <= now, limit)
    );
  }

  #within({ unit, from, to }: Span): Kept[] {
    return [...this.#kept[unit].values()].filter(({ start }) => start >= from && start < to);
  }

  #named(day: number, hours: readonly HourOfHits[], limits: HitLimits): HourOfHits[] {
    const names = admitNames(this.#names.get(day) ?? NO_NAMES, hours, limits);
    this.#names.set(day, names);
    return withNames(names, hours);
  }

  #merge(unit: Unit, more: Kept): void {
    const { start } = more;
    const before = this.#kept[unit].get(start);
    const both = before ? [before, more] : [more];
    this.#kept[unit].set(start, {
      start,
      ...sumCounts(both),
      uniques: (before?.uniques ?? 0) + more.uniques,
      routes: sumRoutes(both.flatMap(({ routes }) => routes)),
      agents: sumAgents(both.flatMap(({ agents }) => agents)),
    });
  }
}

function remove<K, V>(map: Map<K, V>, isOver: (key: K, value: V) => boolean, limit: number): number {
  let removed = 0;
  for (const [key, value] of map) {
    if (removed >= limit) break;
    if (!isOver(key, value)) continue;
    map.delete(key);
    removed++;
  }
  return removed;
}
