import { setImmediate as nextTurn } from 'node:timers/promises';
import { allOf, type Condition } from './session-sql.js';
import type { Part, Range } from './session-range.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import type { Reader } from '../database/snapshot-reader.js';

const FIRST_STEP = 256;
/** How many entries one step reads at most. */
export const STEPS = {
  /** In the index alone. */
  entries: 16_384,
  /** With the row of each. */
  rows: 4_096,
} as const;

/** The entries of an index that one step reads. */
export interface Step {
  /** For a FROM clause, with the columns of the range and `id`. */
  readonly source: string;
  readonly values: readonly SqliteValue[];
}

export interface WalkOptions {
  readonly part: Part;
  readonly descending?: boolean;
  /** The values of the range's keys before the first entry. */
  readonly start?: readonly SqliteValue[] | null;
  readonly step: number;
}

/**
 * Walks along an index in steps that each block the event loop for a few milliseconds at most, until the part of the
 * range ends or `visit` returns true.
 */
export async function walk(
  reader: Reader,
  range: Range,
  { part, descending = false, start = null, step }: WalkOptions,
  visit: (step: Step) => boolean,
): Promise<void> {
  const { index, keys, columns } = range;
  let position = start;
  for (let length = Math.min(FIRST_STEP, step); ; length = Math.min(step, length * 2)) {
    const where = remaining(part, keys, position, descending);
    const rows = `FROM sessions INDEXED BY ${index} WHERE ${where.sql} ORDER BY ${inOrder(keys, descending)}`;
    const source = `(SELECT id, ${columns.join(', ')} ${rows} LIMIT ?) AS entry`;
    if (await reader.read(() => visit({ source, values: [...where.values, length] }))) return;
    const sql = `SELECT ${keys.join(', ')} ${rows} LIMIT 1 OFFSET ?`;
    const last = await reader.read(() => reader.statement(sql, true).get(...where.values, length - 1));
    if (last === undefined) return;
    position = valuesOf(last) as SqliteValue[];
    await nextTurn();
  }
}

/** The position is in place of the bound on its side. */
function remaining(
  { always, lower, upper }: Part,
  keys: readonly string[],
  position: readonly SqliteValue[] | null,
  descending: boolean,
): Condition {
  if (!position) return allOf([always, lower, upper]);
  return allOf([always, descending ? lower : upper, beyond(keys, position, descending)]);
}

/** The entries after `position`, whose texts are in their stored form. */
export function beyond(keys: readonly string[], position: readonly SqliteValue[], descending: boolean): Condition {
  const places = keys.map(() => '?').join(', ');
  return { sql: `(${keys.join(', ')}) ${descending ? '<' : '>'} (${places})`, values: position };
}

export function inOrder(keys: readonly string[], descending: boolean): string {
  return keys.map((key) => `${key} ${descending ? 'DESC' : 'ASC'}`).join(', ');
}
