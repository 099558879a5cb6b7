import { Injectable } from '@nestjs/common';
import {
  type AgentHits,
  type Bucket,
  byDay,
  type DayNames,
  type HitBatch,
  type HitCounts,
  HitStore,
  type RouteHits,
  type Span,
  STATUS_CLASSES,
  type StatusCounts,
  sumCounts,
} from 'nest-gatehouse/hits/storage';
import { mongo } from 'mongoose';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { isDuplicateKey } from '../database/store-failure.js';
import { updatesOf, type BatchUpdate } from './batch-updates.js';
import { DaysNames } from './day-names.js';
import { hitSchema, type HitDocument } from './hit.schema.js';

type Hits = mongo.Collection<HitDocument>;

/**
 * Hits of all processes in MongoDB. A batch is one command, on the majority before it is confirmed. MongoDB makes each
 * document of it atomic; should the server fail in between, the batch is sent again, and each document adds it once.
 */
@Injectable()
export class MongooseHitStore extends HitStore {
  readonly #hits: MongooseCollection<HitDocument>;
  readonly #names: DaysNames;

  constructor(database: MongooseDatabase) {
    super();
    this.#hits = new MongooseCollection(database, { model: 'GatehouseHit', name: 'hits', schema: hitSchema });
    this.#names = new DaysNames(this.#hits);
  }

  /** Creates or verifies the indexes. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    return this.#hits.prepare();
  }

  override async add(batch: HitBatch): Promise<void> {
    const names = new Map<number, DayNames>();
    for (const [day, hours] of byDay(batch.hours)) names.set(day, await this.#names.admit(day, hours, batch.limits));
    const updates = updatesOf(batch, names);
    await this.#hits.runDurably(async (hits, durably) => {
      const unmade = await send(hits, updates, true, durably);
      // Either the batch is there already, or another process has just made the document.
      if (unmade.length > 0) await send(hits, unmade, false, durably);
    });
  }

  override async total(): Promise<HitCounts> {
    const projection = { people: 1, bots: 1 };
    const months = await this.#hits.run((hits, within) =>
      hits.find({ kind: 'all', unit: 'month' }, { projection, ...within }).toArray(),
    );
    return sumCounts(months.map(({ people = 0, bots = 0 }) => ({ people, bots })));
  }

  override async buckets(span: Span): Promise<Bucket[]> {
    const projection = { start: 1, people: 1, bots: 1, uniques: 1 };
    const found = await this.#hits.run((hits, within) =>
      hits.find({ kind: 'all', ...inSpan(span) }, { projection, sort: { start: 1 }, ...within }).toArray(),
    );
    return found.map(({ start, people = 0, bots = 0, uniques = 0 }) => ({
      start: start!.getTime(),
      people,
      bots,
      uniques,
    }));
  }

  override async routes(spans: readonly Span[]): Promise<RouteHits[]> {
    const sums = STATUS_CLASSES.map((name) => [name, { $sum: `$status.${name}` }] as const);
    const group = { _id: { method: '$method', route: '$route' }, ...Object.fromEntries(sums) };
    const found = await this.#sums<{ _id: { method: string; route: string } } & StatusCounts>('route', spans, group);
    return found.map(({ _id: { method, route }, ...counts }) => ({ method, route, status: withoutZeros(counts) }));
  }

  override async agents(spans: readonly Span[]): Promise<AgentHits[]> {
    const group = { _id: { family: '$family', bot: '$bot' }, total: { $sum: '$total' } };
    const found = await this.#sums<{ _id: { family: string; bot: boolean }; total: number }>('agent', spans, group);
    return found.map(({ _id: { family, bot }, total }) => ({ family, bot, total }));
  }

  override async ofSessions(handles: readonly string[]): Promise<Map<string, number>> {
    const counts = new Map(handles.map((handle) => [handle, 0]));
    if (handles.length === 0) return counts;
    const ids = handles.map((handle) => `session:${handle}`);
    const found = await this.#hits.run((hits, within) =>
      hits.find({ _id: { $in: ids } }, { projection: { hits: 1 }, ...within }).toArray(),
    );
    for (const { _id, hits = 0 } of found) counts.set(_id.slice('session:'.length), hits);
    return counts;
  }

  /** MongoDB's TTL index does it. */
  override expire(): number {
    return 0;
  }

  async #sums<T extends mongo.Document>(
    kind: HitDocument['kind'],
    spans: readonly Span[],
    group: mongo.Document,
  ): Promise<T[]> {
    if (spans.length === 0) return [];
    const pipeline = [{ $match: { kind, $or: spans.map(inSpan) } }, { $group: group }];
    return this.#hits.run((hits, within) => hits.aggregate<T>(pipeline, within).toArray());
  }
}

/** @returns the updates whose documents could not be made, because they are there */
async function send(
  hits: Hits,
  updates: readonly BatchUpdate[],
  upsert: boolean,
  durably: mongo.BulkWriteOptions,
): Promise<BatchUpdate[]> {
  if (updates.length === 0) return [];
  const operations = updates.map(({ filter, update }) => ({ updateOne: { filter, update, upsert } }));
  try {
    await hits.bulkWrite(operations, { ordered: false, ...durably });
    return [];
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError) || !isDuplicateKey(error)) throw error;
    const refused = [error.writeErrors].flat();
    if (refused.some(({ code }) => code !== error.code)) throw error;
    return refused.map(({ index }) => updates[index]!);
  }
}

function inSpan({ unit, from, to }: Span) {
  return { unit, start: { $gte: new Date(from), $lt: new Date(to) } };
}

function withoutZeros(counts: StatusCounts): StatusCounts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
