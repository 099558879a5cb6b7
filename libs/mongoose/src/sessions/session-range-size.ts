import type { MongooseDatabase } from '../database/mongoose-database.js';
import { allOf, type Conditions } from './session-conditions.js';
import type { Range } from './session-range.js';

/**
 * How many sessions are in the range, live or not; `bound` if there are that many or more. @param told conditions that the
 * keys of its index tell
 */
export async function sizeOf(
  database: MongooseDatabase,
  { parts, index }: Range,
  bound = Infinity,
  told: readonly Conditions[] = [],
): Promise<number> {
  let size = 0;
  for (const part of parts) {
    const limit = bound === Infinity ? {} : { limit: bound };
    size += await database.run(({ sessions }, within) =>
      sessions.countDocuments(allOf([...part, ...told]), { hint: index, ...limit, ...within }),
    );
    if (size >= bound) return bound;
  }
  return size;
}

/** The range with the fewest sessions; null if all have `bound` or more. Without a bound the first one if there is one. */
export async function smallestOf(
  database: MongooseDatabase,
  ranges: readonly Range[],
  bound: number,
): Promise<Range | null> {
  if (ranges.length === 1 && bound === Infinity) return ranges[0]!;
  let smallest: Range | null = null;
  let least = bound;
  for (const range of ranges) {
    if (least === 0) break;
    const size = await sizeOf(database, range, least);
    if (size >= least) continue;
    smallest = range;
    least = size;
  }
  return smallest;
}
