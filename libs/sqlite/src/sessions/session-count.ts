import type { Clock } from 'nest-gatehouse/common';
import { isEmptyFilter, type SessionFilter } from 'nest-gatehouse/session/storage';
import type { Reader } from '../database/snapshot-reader.js';
import type { SqliteDatabase } from '../database/sqlite.database.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import type { SessionPlaces } from './session-places.js';
import { askedOf, isWhole, narrowing, rangesOf, type Range } from './session-range.js';
import { sizeOf, smallestOf } from './session-range-size.js';
import { allOf, EVERYTHING, fitting, matching, ofPrograms, type Condition } from './session-sql.js';
import { STEPS, walk } from './session-walk.js';

const ALL = 'SELECT count(*) FROM sessions INDEXED BY sessions_by_end';
const ALL_ANONYMOUS = 'SELECT sessions FROM anonymous_usage';
const OF_PROGRAMS = {
  sql: `SELECT count(*) FROM sessions INDEXED BY sessions_by_user WHERE ${ofPrograms().sql}`,
  values: ofPrograms().values,
};
const EXPIRED: Range = {
  index: 'sessions_by_end',
  keys: ['expires_at', 'id'],
  columns: ['expires_at'],
  parts: [],
  order: null,
  meets: [],
  narrows: [],
};
const REVOKED = `SELECT count(*) FROM user_epochs INDEXED BY user_epochs_to_sweep
  CROSS JOIN sessions INDEXED BY sessions_by_user ON sessions.user_id = user_epochs.user_id
  WHERE user_epochs.swept < user_epochs.epoch AND sessions.user_epoch < user_epochs.epoch AND sessions.expires_at > ?`;

// So many rows are looked at one by one.
const SMALL = 1_024;

/**
 * Counts sessions, as of one moment: all that fit, by the index alone where it can tell, without the few among them that
 * have expired or were revoked and are not swept yet.
 */
export class SessionCount {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock,
    private readonly places: SessionPlaces,
  ) {}

  async of(filter: SessionFilter): Promise<number> {
    const ranges = narrowing(rangesOf(filter, await this.places.devices(filter)), filter);
    const small = await smallestOf(this.database, ranges, SMALL);
    if (small) return this.#live(small, filter);
    return this.database.snapshot(async (reader) => {
      const now = this.clock.now();
      const fit = await this.#fitting(reader, filter);
      return fit - (await this.#expired(reader, filter, now)) - (await this.#revoked(reader, filter, now));
    });
  }

  /** In one statement for each part, and one turn of the event loop. */
  async #live(range: Range, filter: SessionFilter): Promise<number> {
    const { sql, values } = matching(filter, this.clock.now());
    return this.database.read(() => {
      const counts = range.parts.map(({ always, lower, upper }) => {
        const part = allOf([always, lower, upper]);
        const query = `SELECT count(*) FROM sessions INDEXED BY ${range.index} WHERE ${part.sql} AND ${sql}`;
        return number(this.database, query, [...part.values, ...values]);
      });
      return counts.reduce((sum, count) => sum + count, 0);
    });
  }

  /** Live or not. */
  async #fitting(reader: Reader, filter: SessionFilter): Promise<number> {
    if (isEmptyFilter(filter)) return number(reader, ALL);
    if (isEmptyFilter({ ...filter, state: 'live', userId: undefined }) && isAnonymous(filter)) {
      return number(reader, ALL_ANONYMOUS);
    }
    if (filter.state === 'signed-in' && isEmptyFilter({ ...filter, state: 'live' })) {
      return number(reader, ALL) - number(reader, ALL_ANONYMOUS) - number(reader, OF_PROGRAMS.sql, OF_PROGRAMS.values);
    }
    const ranges = rangesOf(filter, await this.places.devices(filter, reader));
    const narrow = narrowing(ranges, filter);
    const whole = [...narrow, ...ranges].find((range) => isWhole(range, filter));
    if (whole) return sizeOf(reader, whole, Infinity, askedOf(whole, filter));
    const smallest = await smallestOf(reader, narrow, Infinity);
    return this.#rows(reader, smallest ?? EVERY_ROW, fitting(filter));
  }

  async #expired(reader: Reader, filter: SessionFilter, now: number): Promise<number> {
    const upper = { sql: 'expires_at <= ?', values: [now] };
    const expired = { ...EXPIRED, parts: [{ always: EVERYTHING, lower: EVERYTHING, upper }] };
    return this.#rows(reader, expired, fitting(filter));
  }

  async #revoked(reader: Reader, filter: SessionFilter, now: number): Promise<number> {
    const { sql, values } = fitting(filter);
    return number(reader, `${REVOKED} AND ${sql}`, [now, ...values]);
  }

  /** How many rows of the range meet the condition. */
  async #rows(reader: Reader, range: Range, condition: Condition): Promise<number> {
    let count = 0;
    for (const part of range.parts) {
      await walk(reader, range, { part, step: STEPS.rows }, ({ source, values }) => {
        const sql = `SELECT count(*) FROM ${source} CROSS JOIN sessions ON sessions.id = entry.id WHERE ${condition.sql}`;
        count += number(reader, sql, [...values, ...condition.values]);
        return false;
      });
    }
    return count;
  }
}

/** For a filter that no index is for. */
export const EVERY_ROW = rangesOf({}, null).find(({ order }) => order === 'created_at')!;

function isAnonymous({ userId, state = 'live' }: SessionFilter): boolean {
  return (state === 'anonymous' && (userId ?? null) === null) || (state === 'live' && userId === null);
}

function number(reader: Reader, sql: string, values: readonly SqliteValue[] = []): number {
  return valuesOf(reader.statement(sql, true).get(...values))[0] as number;
}
