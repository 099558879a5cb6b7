import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PagePosition } from 'nest-gatehouse/session/storage';
import { allOf, EVERYTHING, type Condition, type Walk } from './session-sql.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import type { SqliteDatabase } from '../database/sqlite.database.js';

// How many rows one step reads, to check the conditions of a search or to show a list.
const FIRST_STEP = 256;
const MAX_STEP = 4_096;

/** The rows that one step reads: a query that yields rows of `sessions`. */
export interface Step {
  /** For a FROM clause. */
  readonly source: string;
  readonly values: readonly SqliteValue[];
}

/**
 * Walks along an index, newest first, in steps that each block the event loop for a few milliseconds at most, until the
 * index ends or `visit` returns true.
 */
export async function walk(
  database: SqliteDatabase,
  { index, time, equal }: Walk,
  start: PagePosition | null,
  visit: (step: Step) => boolean,
): Promise<void> {
  let position = start;
  for (let length = FIRST_STEP; ; length = Math.min(MAX_STEP, length * 2)) {
    const where = allOf([equal, position ? before(time, position) : EVERYTHING]);
    const rows = `FROM sessions INDEXED BY ${index} WHERE ${where.sql} ORDER BY ${time} DESC, handle DESC`;
    const done = await database.read(() =>
      visit({ source: `(SELECT * ${rows} LIMIT ${length}) AS sessions`, values: where.values }),
    );
    if (done) return;
    const sql = `SELECT ${time}, handle ${rows} LIMIT 1 OFFSET ${length - 1}`;
    const last = await database.read(() => database.statement(sql, true).get(...where.values));
    if (last === undefined) return;
    const [lastTime, handle] = valuesOf(last) as [number, string];
    position = { time: lastTime, handle };
    await nextTurn();
  }
}

/** The rows after `position` in a list, newest first. The handle is in its stored form. */
export function before(time: string, { time: at, handle }: PagePosition): Condition {
  return { sql: `(${time}, handle) < (?, ?)`, values: [at, handle] };
}
