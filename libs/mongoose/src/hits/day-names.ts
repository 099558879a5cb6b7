import { DAY, type DayNames, type HitLimits, type HourOfHits, namesIn } from 'nest-gatehouse/hits/storage';
import type { mongo } from 'mongoose';
import type { MongooseCollection } from '../database/mongoose-collection.js';
import type { HitDocument } from './hit.schema.js';

/** The names of this many days are remembered. */
const MAX_DAYS = 4;

/**
 * The names of each day, bounded over all processes: the server admits them, in one step. Asked only if there are names
 * that this process does not know yet, and there is room.
 */
export class DaysNames {
  readonly #known = new Map<number, DayNames>();

  constructor(private readonly hits: MongooseCollection<HitDocument>) {}

  async admit(day: number, hours: readonly HourOfHits[], limits: HitLimits): Promise<DayNames> {
    const known = this.#known.get(day) ?? { routes: new Set<string>(), agents: new Set<string>() };
    const names = namesIn(hours);
    const isKnown =
      this.#known.has(day) &&
      (known.routes.size >= limits.maxRoutes || names.routes.every((name) => known.routes.has(name))) &&
      (known.agents.size >= limits.maxAgents || names.agents.every((name) => known.agents.has(name)));
    if (isKnown) return known;
    const document = await this.hits.runDurably((hits, durably) =>
      hits.findOneAndUpdate({ _id: `names:${day}` }, admission(day, names, limits), {
        upsert: true,
        returnDocument: 'after',
        ...durably,
      }),
    );
    const admitted = { routes: new Set(document?.routes), agents: new Set(document?.agents) };
    if (this.#known.size >= MAX_DAYS) this.#known.clear();
    this.#known.set(day, admitted);
    return admitted;
  }
}

function admission(day: number, names: { routes: string[]; agents: string[] }, limits: HitLimits): mongo.Document[] {
  const joined = (field: string, more: string[], most: number) => {
    const present = { $ifNull: [`$${field}`, []] };
    const added = { $filter: { input: { $literal: more }, cond: { $not: [{ $in: ['$$this', present] }] } } };
    return { $slice: [{ $concatArrays: [present, added] }, most] };
  };
  return [
    {
      $set: {
        kind: 'names',
        routes: joined('routes', names.routes, limits.maxRoutes),
        agents: joined('agents', names.agents, limits.maxAgents),
        expiresAt: new Date(day + DAY + limits.dailyRetention),
      },
    },
  ];
}
