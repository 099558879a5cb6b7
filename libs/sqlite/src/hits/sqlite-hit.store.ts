import { Injectable } from '@nestjs/common';
import { type Awaitable, whenReady } from 'nest-gatehouse/common';
import {
  admitNames,
  type AgentHits,
  type Bucket,
  byDay,
  DAY,
  type Expiry,
  type HitBatch,
  type HitCounts,
  type HitLimits,
  HitStore,
  type HourOfHits,
  monthOf,
  nameOfAgent,
  nameOfRoute,
  needsRoom,
  type RouteHits,
  type Span,
  STATUS_CLASSES,
  type StatusCounts,
  sumAgents,
  sumCounts,
  sumRoutes,
  withNames,
} from 'nest-gatehouse/hits/storage';
import { inSmallerSteps } from '../database/smaller-steps.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import { fromText, toText } from '../driver/sqlite-text.js';
import * as sql from './hit-sql.js';

/** How long a process may be silent before its last batch is forgotten. */
const WRITERS_KEPT = 7 * DAY;

/**
 * Hits of all processes on one SQLite file: a batch is one transaction, with the number of the batch in it. Reads are
 * synchronous.
 */
@Injectable()
export class SqliteHitStore extends HitStore {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override add(batch: HitBatch): Promise<void> {
    return this.database.write(() => {
      const last = this.#rows(sql.LAST_BATCH, batch.writer)[0]?.[0] as number | undefined;
      if (last !== undefined && last >= batch.number) return;
      this.#run(sql.SET_LAST_BATCH, batch.writer, batch.number, batch.at);
      for (const [day, hours] of byDay(batch.hours)) this.#addDay(day, this.#named(day, hours, batch.limits));
      for (const { start, uniques } of batch.days) this.#run(sql.ADD_TOTAL, 'day', start, 0, 0, uniques);
      for (const { handle, hits, expiresAt } of batch.sessions)
        this.#run(sql.ADD_SESSION, toText(handle), hits, expiresAt);
    });
  }

  override total(): Awaitable<HitCounts> {
    return this.database.read(() => {
      const [people, bots] = this.#rows(sql.GRAND_TOTAL)[0] as [number | null, number | null];
      return { people: people ?? 0, bots: bots ?? 0 };
    });
  }

  override buckets(span: Span): Awaitable<Bucket[]> {
    return this.database.read(() =>
      this.#within(sql.BUCKETS, span).map((row) => {
        const [start, people, bots, uniques] = row as [number, number, number, number];
        return { start, people, bots, uniques };
      }),
    );
  }

  override routes(spans: readonly Span[]): Awaitable<RouteHits[]> {
    const found = this.database.read(() => spans.flatMap((span) => this.#within(sql.ROUTES, span).map(routeOf)));
    return whenReady(found, sumRoutes);
  }

  override agents(spans: readonly Span[]): Awaitable<AgentHits[]> {
    const found = this.database.read(() => spans.flatMap((span) => this.#within(sql.AGENTS, span).map(agentOf)));
    return whenReady(found, sumAgents);
  }

  override ofSessions(handles: readonly string[]): Awaitable<Map<string, number>> {
    return this.database.read(() => {
      const hitsOf = (handle: string) => (this.#rows(sql.HITS_OF_SESSION, toText(handle))[0]?.[0] ?? 0) as number;
      return new Map(handles.map((handle) => [handle, hitsOf(handle)]));
    });
  }

  override async expire({ now, hoursBefore, daysBefore }: Expiry, limit: number): Promise<number> {
    const steps = [
      ...sql.EXPIRE_UNIT.flatMap((text) => [[text, 'hour', hoursBefore] as const, [text, 'day', daysBefore] as const]),
      [sql.EXPIRE_SESSIONS, now] as const,
      [sql.EXPIRE_WRITERS, now - WRITERS_KEPT] as const,
    ];
    let removed = 0;
    for (const [text, ...values] of steps) {
      const remove = (some: number) => Number(this.database.statement(text).run(...values, some).changes);
      removed += await inSmallerSteps(limit, (some) => this.database.write(() => remove(some), 'default', 'end'));
    }
    return removed;
  }

  #addDay(day: number, hours: readonly HourOfHits[]): void {
    for (const { start, people, bots, routes, agents } of hours) {
      this.#run(sql.ADD_TOTAL, 'hour', start, people, bots, 0);
      this.#addNamed('hour', start, routes, agents);
    }
    const { people, bots } = sumCounts(hours);
    this.#run(sql.ADD_TOTAL, 'day', day, people, bots, 0);
    this.#run(sql.ADD_TOTAL, 'month', monthOf(day), people, bots, 0);
    const [routes, agents] = [hours.flatMap((hour) => hour.routes), hours.flatMap((hour) => hour.agents)];
    this.#addNamed('day', day, sumRoutes(routes), sumAgents(agents));
  }

  #addNamed(unit: string, start: number, routes: readonly RouteHits[], agents: readonly AgentHits[]): void {
    for (const { route, method, status } of routes) {
      const counts = STATUS_CLASSES.map((name) => status[name] ?? 0);
      this.#run(sql.ADD_ROUTE, unit, start, toText(route), toText(method), ...counts);
    }
    for (const { family, bot, total } of agents)
      this.#run(sql.ADD_AGENT, unit, start, toText(family), Number(bot), total);
  }

  /** Reads the names of the day inside the transaction, so that the bound holds over all processes. */
  #named(day: number, hours: readonly HourOfHits[], limits: HitLimits): HourOfHits[] {
    const routes = this.#rows(sql.ROUTES_OF_DAY, day).map(routeOf);
    const agents = this.#rows(sql.AGENTS_OF_DAY, day).map(agentOf);
    const ofDay = {
      routes: new Set(routes.filter(({ route }) => needsRoom(route)).map(nameOfRoute)),
      agents: new Set(agents.filter(({ family }) => needsRoom(family)).map(nameOfAgent)),
    };
    return withNames(admitNames(ofDay, hours, limits), hours);
  }

  #within(text: string, { unit, from, to }: Span): unknown[][] {
    return this.#rows(text, unit, from, to);
  }

  #rows(text: string, ...values: SqliteValue[]): unknown[][] {
    return Array.from(this.database.statement(text, true).all(...values), valuesOf);
  }

  #run(text: string, ...values: SqliteValue[]): void {
    this.database.statement(text).run(...values);
  }
}

function routeOf([route, method, ...counts]: unknown[]): RouteHits {
  const named = STATUS_CLASSES.map((name, at) => [name, counts[at] as number] as const);
  const status = Object.fromEntries(named.filter(([, count]) => count > 0)) as StatusCounts;
  return { route: fromText(route as string), method: fromText(method as string), status };
}

function agentOf([family, bot, total]: unknown[]): AgentHits {
  return { family: fromText(family as string), bot: Boolean(bot), total: total as number };
}
