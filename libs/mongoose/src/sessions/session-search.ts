import { mongo } from 'mongoose';
import { type Clock, StoreUnavailableError } from 'nest-gatehouse/common';
import {
  type PagePosition,
  type SessionFilter,
  type SessionOrder,
  type SessionSort,
  withImpliedBounds,
} from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { after, allOf, fitting, isLive } from './session-conditions.js';
import { SUMMARY_PROJECTION, type SummaryDocument } from './session-document.js';
import { isWhole, narrowing, rangesOf, type Range } from './session-range.js';
import { smallestOf } from './session-range-size.js';

/** What a page asks for. */
export interface Question {
  readonly filter: SessionFilter;
  readonly devices: readonly string[] | null;
  readonly sort: SessionSort;
  readonly order: SessionOrder;
  readonly start: PagePosition | null;
  readonly count: number;
}

// A range of up to so many sessions is sorted at once.
const SMALL = 8_000;
// So many milliseconds the server may look in the order of the page, before a range is sorted instead.
const PATIENCE = 60;
const MAX_TIME_EXPIRED = 50;

/**
 * Finds the first sessions of a page, always by an index that is named: the server chooses one by a trial, and remembers
 * it for other values. Either along an index in the page's order, which is short where many match, or by sorting the
 * narrowest range that an index has for the filter, which is short where few do.
 */
export class SessionSearch {
  constructor(
    private readonly database: MongooseDatabase,
    private readonly clock: Clock,
  ) {}

  async first(question: Question): Promise<SummaryDocument[]> {
    const { filter, devices, sort } = question;
    const ranges = rangesOf(filter, devices);
    const way = ranges.find(({ order }) => order === sort)!;
    const others = narrowing(ranges, filter).filter((range) => range !== way);
    if (isWhole(way, filter) || others.length === 0) return this.#by(way, question);

    const narrow = await smallestOf(this.database, others, SMALL);
    if (narrow) return this.#by(narrow, question);
    try {
      return await this.#by(way, question, PATIENCE);
    } catch (error) {
      if (!isTimeUp(error)) throw error;
      return this.#by((await smallestOf(this.database, others, Infinity))!, question);
    }
  }

  #by({ index }: Range, question: Question, maxTimeMS?: number): Promise<SummaryDocument[]> {
    const { filter, devices, sort, order, start, count } = question;
    const direction = order === 'descending' ? -1 : 1;
    const conditions = allOf([
      ...fitting(withImpliedBounds(filter), devices),
      isLive(this.clock.now()),
      ...(start ? [after(sort, start, order)] : []),
    ]);
    return this.database.run(({ sessions }, within) =>
      sessions
        .find<SummaryDocument>(conditions, {
          sort: { [sort]: direction, _id: direction },
          limit: count,
          projection: SUMMARY_PROJECTION,
          hint: index,
          ...within,
          ...(maxTimeMS !== undefined && { maxTimeMS }),
        })
        .toArray(),
    );
  }
}

function isTimeUp(error: unknown): boolean {
  const cause = error instanceof StoreUnavailableError ? error.cause : error;
  return cause instanceof mongo.MongoServerError && cause.code === MAX_TIME_EXPIRED;
}
