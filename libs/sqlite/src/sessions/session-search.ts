import type { Clock } from 'nest-gatehouse/common';
import type { PagePosition, SessionFilter } from 'nest-gatehouse/session/storage';
import type { SqliteDatabase } from '../database/sqlite.database.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import { askedOf, isExact, isWhole, narrowing, rangesOf, type Range, type TimeColumn } from './session-range.js';
import { smallestOf } from './session-range-size.js';
import { allOf, EVERYTHING, matching, type Condition } from './session-sql.js';
import { beyond, inOrder, STEPS, walk } from './session-walk.js';

/** What a page asks for. Handles are in their stored form. */
export interface Question {
  readonly filter: SessionFilter;
  readonly devices: readonly string[] | null;
  readonly time: TimeColumn;
  readonly descending: boolean;
  readonly start: PagePosition | null;
  readonly count: number;
}

// A range of up to so many sessions is sorted at once.
const SMALL = { entries: 16_384, rows: 2_000 } as const;
// So many steps are made in the order of the page, which read some 12,000 rows, before a range is sorted instead.
const PATIENCE = 6;
const MIN_CANDIDATES = 64;

/**
 * Finds the first sessions of a page. Either along an index in the page's order, which is short where many match, or by
 * sorting the narrowest range that an index has for the filter, which is short where few do. Which one it is cannot be
 * known beforehand: matching sessions may all be at the other end of the order. So the first is tried up to a bound.
 */
export class SessionSearch {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock,
  ) {}

  /** The positions of the first `count` matching sessions after `start`. */
  async first(question: Question): Promise<PagePosition[]> {
    const { filter, devices, time } = question;
    const ranges = rangesOf(filter, devices);
    const way = ranges.find(({ order }) => order === time)!;
    const others = narrowing(ranges, filter).filter((range) => range !== way);
    if (isExact(way, filter) || others.length === 0) return (await this.#along(way, question, Infinity))!;

    const telling = others.filter((range) => range.columns.includes(time) && isWhole(range, filter));
    const narrow = await smallestOf(this.database, telling, SMALL.entries);
    if (narrow) return this.#sortedEntries(narrow, question);
    const short = await smallestOf(this.database, others, SMALL.rows);
    if (short) return this.#sortedRows(short, question);

    const found = await this.#along(way, question, PATIENCE);
    if (found) return found;
    if (telling.length > 0) return this.#sortedEntries((await smallestOf(this.database, telling, Infinity))!, question);
    return this.#sortedRows((await smallestOf(this.database, others, Infinity))!, question);
  }

  /** Null if `patience` has ended before that many were found. */
  async #along(way: Range, question: Question, patience: number): Promise<PagePosition[] | null> {
    const { filter, time, descending, start, count } = question;
    const condition = allOf([askedOf(way, filter), matching(filter, this.clock.now())]);
    const found: PagePosition[] = [];
    let left = patience;
    for (const part of way.parts) {
      const ofPart: PagePosition[] = [];
      let isPatient = true;
      const position = start && [start.time, start.handle];
      await walk(this.database, way, { part, descending, start: position, step: STEPS.rows }, ({ source, values }) => {
        const sql = `SELECT entry.${time}, entry.handle FROM ${source}
          CROSS JOIN sessions ON sessions.id = entry.id WHERE ${condition.sql} LIMIT ?`;
        const rows = this.database.statement(sql, true).all(...values, ...condition.values, count - ofPart.length);
        ofPart.push(...rows.map(positionOf));
        if (ofPart.length >= count) return true;
        isPatient = --left > 0;
        return !isPatient;
      });
      if (!isPatient) return null;
      found.push(...ofPart);
    }
    return way.parts.length === 1 ? found : firstOf(found, question);
  }

  /** Sorts what the index says, and looks up only whether those of the page still live. */
  async #sortedEntries(range: Range, question: Question): Promise<PagePosition[]> {
    const found: PagePosition[] = [];
    let { start } = question;
    for (let count = Math.max(MIN_CANDIDATES, 2 * question.count); ; count *= 4) {
      const candidates = await this.#sort(range, { ...question, start, count }, STEPS.entries, null);
      found.push(...(await this.#living(candidates, question.filter)));
      if (found.length >= question.count || candidates.length < count) return found.slice(0, question.count);
      start = candidates.at(-1)!;
    }
  }

  #sortedRows(range: Range, question: Question): Promise<PagePosition[]> {
    return this.#sort(range, question, STEPS.rows, matching(question.filter, this.clock.now()));
  }

  /** @param condition on the rows; null: the entries of the index are enough */
  async #sort(range: Range, question: Question, step: number, condition: Condition | null): Promise<PagePosition[]> {
    const { time, descending, start, count } = question;
    const from = range.columns.includes(time) ? 'entry' : 'sessions';
    const keys = [`${from}.${time}`, 'entry.handle'];
    const after = start ? beyond(keys, [start.time, start.handle], descending) : EVERYTHING;
    const told = askedOf(range, question.filter);
    const where = allOf([after, told, ...(condition ? [condition] : [])]);
    const rows = condition ? 'CROSS JOIN sessions ON sessions.id = entry.id' : '';
    let found: PagePosition[] = [];
    for (const part of range.parts) {
      await walk(this.database, range, { part, step }, ({ source, values }) => {
        const sql = `SELECT ${keys.join(', ')} FROM ${source} ${rows} WHERE ${where.sql}
          ORDER BY ${inOrder(keys, descending)} LIMIT ?`;
        const some = this.database.statement(sql, true).all(...values, ...where.values, count);
        found = firstOf([...found, ...some.map(positionOf)], question, count);
        return false;
      });
    }
    return found;
  }

  async #living(positions: readonly PagePosition[], filter: SessionFilter): Promise<PagePosition[]> {
    const condition = matching(filter, this.clock.now());
    const sql = `SELECT 1 FROM sessions WHERE handle = ? AND ${condition.sql}`;
    return this.database.read(() => {
      const statement = this.database.statement(sql, true);
      return positions.filter(({ handle }) => statement.get(handle, ...condition.values) !== undefined);
    });
  }
}

function firstOf(positions: PagePosition[], { descending, count }: Question, most = count): PagePosition[] {
  const sign = descending ? -1 : 1;
  const compare = (a: PagePosition, b: PagePosition) => a.time - b.time || (a.handle < b.handle ? -1 : 1);
  return positions.sort((a, b) => sign * compare(a, b)).slice(0, most);
}

function positionOf(row: unknown): PagePosition {
  const [time, handle] = valuesOf(row) as [number, string] & SqliteValue[];
  return { time, handle };
}
