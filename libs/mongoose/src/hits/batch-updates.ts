import {
  byDay,
  DAY,
  type DayNames,
  HOUR,
  type HitBatch,
  type HourOfHits,
  nameOfAgent,
  nameOfRoute,
  type StatusCounts,
  sumAgents,
  sumCounts,
  sumRoutes,
  withNames,
} from 'nest-gatehouse/hits/storage';
import type { mongo } from 'mongoose';
import type { HitDocument } from './hit.schema.js';

/** Adds to one document, and makes it if it is not there. */
interface Addition {
  readonly _id: string;
  readonly add: Readonly<Record<string, number>>;
  /** What the document is made with. */
  readonly made: Partial<HitDocument>;
  /** A time that only moves later. */
  readonly expiresAt?: Date;
}

export interface BatchUpdate {
  readonly filter: mongo.Filter<HitDocument>;
  readonly update: mongo.UpdateFilter<HitDocument>;
}

/**
 * The updates of a batch. Each document remembers the last batch of the process that was added to it, and is passed
 * over by one that it has: an update that is sent twice adds once, whatever became of the others.
 * @param namesOf the names of each day, as they have been admitted
 */
export function updatesOf(batch: HitBatch, namesOf: ReadonlyMap<number, DayNames>): BatchUpdate[] {
  const { writer, number, limits } = batch;
  const applied = `applied.${writer}`;
  return additionsOf(batch, namesOf, limits).map(({ _id, add, made, expiresAt }): BatchUpdate => {
    const later = expiresAt && { expiresAt };
    const update: mongo.Document = { $inc: add, $max: { [applied]: number, ...later }, $setOnInsert: made };
    return { filter: { _id, [applied]: { $not: { $gte: number } } }, update };
  });
}

function additionsOf(
  { hours, days, sessions }: HitBatch,
  namesOf: ReadonlyMap<number, DayNames>,
  { retention, dailyRetention }: HitBatch['limits'],
): Addition[] {
  const additions: Addition[] = [];
  for (const [day, ofDay] of byDay(hours)) {
    const named = withNames(namesOf.get(day)!, ofDay);
    for (const hour of named) additions.push(...ofBucket('hour', hour, hour.start + HOUR + retention));
    additions.push(...ofBucket('day', dayOf(day, named), day + DAY + dailyRetention));
    additions.push(ofMonth(day, named));
  }
  for (const { start, uniques } of days)
    additions.push(ofAll('day', start, { people: 0, bots: 0, uniques }, start + DAY + dailyRetention));
  for (const { handle, hits, expiresAt } of sessions)
    additions.push({
      _id: `session:${handle}`,
      add: { hits },
      made: { kind: 'session' },
      expiresAt: new Date(expiresAt),
    });
  return merged(additions);
}

/** Hits and uniques of one day are one update: a second one would find its batch there already. */
function merged(additions: readonly Addition[]): Addition[] {
  const byId = new Map<string, Addition>();
  for (const addition of additions) {
    const before = byId.get(addition._id);
    byId.set(addition._id, before ? { ...addition, add: sumOf(before.add, addition.add) } : addition);
  }
  return [...byId.values()];
}

function sumOf(some: Addition['add'], more: Addition['add']): Addition['add'] {
  const names = [...new Set([...Object.keys(some), ...Object.keys(more)])];
  return Object.fromEntries(names.map((name) => [name, (some[name] ?? 0) + (more[name] ?? 0)]));
}

function dayOf(start: number, hours: readonly HourOfHits[]): HourOfHits {
  return {
    start,
    ...sumCounts(hours),
    routes: sumRoutes(hours.flatMap(({ routes }) => routes)),
    agents: sumAgents(hours.flatMap(({ agents }) => agents)),
  };
}

function ofBucket(unit: 'hour' | 'day', hits: HourOfHits, ends: number): Addition[] {
  const { start, people, bots, routes, agents } = hits;
  const at = { unit, start: new Date(start), expiresAt: new Date(ends) };
  return [
    ofAll(unit, start, { people, bots, uniques: 0 }, ends),
    ...routes.map(({ method, route, status }): Addition => ({
      _id: `${unit}:${start}:route:${nameOfRoute({ method, route })}`,
      add: statusFields(status),
      made: { kind: 'route', ...at, method, route },
    })),
    ...agents.map(({ family, bot, total }): Addition => ({
      _id: `${unit}:${start}:agent:${nameOfAgent({ family, bot })}`,
      add: { total },
      made: { kind: 'agent', ...at, family, bot },
    })),
  ];
}

function ofAll(
  unit: 'hour' | 'day',
  start: number,
  counts: { people: number; bots: number; uniques: number },
  ends: number,
): Addition {
  const made = { kind: 'all', unit, start: new Date(start), expiresAt: new Date(ends) } as const;
  return { _id: `${unit}:${start}`, add: counts, made };
}

function ofMonth(day: number, hours: readonly HourOfHits[]): Addition {
  const date = new Date(day);
  const start = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1));
  const { people, bots } = sumCounts(hours);
  return { _id: `month:${start.getTime()}`, add: { people, bots }, made: { kind: 'all', unit: 'month', start } };
}

function statusFields(status: StatusCounts): Record<string, number> {
  return Object.fromEntries(Object.entries(status).map(([name, count]) => [`status.${name}`, count]));
}
