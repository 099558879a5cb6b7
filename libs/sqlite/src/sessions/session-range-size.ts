import { valuesOf } from '../driver/sqlite.driver.js';
import type { Reader } from '../database/snapshot-reader.js';
import type { Range } from './session-range.js';
import { EVERYTHING } from './session-sql.js';
import { STEPS, walk } from './session-walk.js';

/**
 * How many sessions are in the range, live or not; `bound` if there are that many or more. @param told a condition on
 * the entries
 */
export async function sizeOf(reader: Reader, range: Range, bound: number, told = EVERYTHING): Promise<number> {
  let size = 0;
  for (const part of range.parts) {
    const step = Math.min(STEPS.entries, bound);
    await walk(reader, range, { part, step }, ({ source, values }) => {
      const sql = `SELECT count(*) FROM ${source} WHERE ${told.sql}`;
      size += valuesOf(reader.statement(sql, true).get(...values, ...told.values))[0] as number;
      return size >= bound;
    });
    if (size >= bound) return bound;
  }
  return size;
}

/** The range with the fewest sessions; null if all have `bound` or more. Without a bound the first one if there is one. */
export async function smallestOf(reader: Reader, ranges: readonly Range[], bound: number): Promise<Range | null> {
  let smallest: Range | null = null;
  let least = bound;
  if (ranges.length === 1 && bound === Infinity) return ranges[0]!;
  for (const range of ranges) {
    if (least === 0) break;
    const size = await sizeOf(reader, range, least);
    if (size >= least) continue;
    smallest = range;
    least = size;
  }
  return smallest;
}
