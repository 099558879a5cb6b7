import type { Clock } from 'nest-gatehouse/common';
import { isEmptyFilter, type SessionFilter } from 'nest-gatehouse/session/storage';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { INDEX_KEYS, type IndexKeys } from '../schema/session.schema.js';
import { allOf, fitting, isLive, type Conditions } from './session-conditions.js';
import { isTold, isWhole, narrowing, rangesOf } from './session-range.js';
import { sizeOf, smallestOf } from './session-range-size.js';

// So many documents are looked at one by one.
const SMALL = 2_000;
const ATTEMPTS = 5;

/**
 * Counts sessions: all that fit, by the keys of an index alone, without those that have ended and are not removed yet,
 * which are few. A revoked session has an end in the past as well.
 */
export class SessionCount {
  constructor(
    private readonly database: MongooseDatabase,
    private readonly clock: Clock,
  ) {}

  async of(filter: SessionFilter, devices: readonly string[] | null): Promise<number> {
    const now = this.clock.now();
    if (isEmptyFilter(filter)) return this.#documents({ expiresAt: { $gt: new Date(now) } }, INDEX_KEYS.end);
    const ranges = narrowing(rangesOf(filter, devices), filter);
    const fit = fitting(filter, devices);
    const living = allOf([...fit, isLive(now)]);
    const small = await smallestOf(this.database, ranges, SMALL);
    if (small) return this.#documents(living, small.index);

    const whole = ranges.find((range) => isWhole(range, filter));
    const told = whole ?? ranges.find((range) => isTold(range, fit));
    const ended = () => this.#documents(allOf([...fit, { expiresAt: { $lte: new Date(now) } }]), INDEX_KEYS.end);
    for (let attempt = 0; told && attempt < ATTEMPTS; attempt++) {
      const before = await ended();
      const all = await sizeOf(this.database, told, Infinity, whole ? [] : fit);
      // Otherwise some were removed meanwhile, before or after they were counted.
      if (before === (await ended())) return all - before;
    }
    const index = (told ?? (await smallestOf(this.database, ranges, Infinity)))?.index ?? INDEX_KEYS.creation;
    return this.#documents(living, index);
  }

  #documents(conditions: Conditions, hint: IndexKeys): Promise<number> {
    return this.database.run(({ sessions }, within) => sessions.countDocuments(conditions, { hint, ...within }));
  }
}
