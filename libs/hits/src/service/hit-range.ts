import { rangeInvalid } from '../hits.problems.js';
import type { Span, Unit } from '../storage/hit-records.js';
import { DAY, LENGTH_OF, startOf } from '../storage/time-units.js';

/** From `from` on, and before `to`; milliseconds since the epoch, or dates. */
export interface HitRange {
  /** Default: 24 hours before `to` by hour, else 30 days. */
  readonly from?: number | Date;
  /** Default: now, the present hour and day included. */
  readonly to?: number | Date;
}

export interface ResolvedRange {
  readonly from: number;
  readonly to: number;
}

// Hours of more than a year.
const MAX_STARTS = 10_000;
const MAX_TIME = 8.64e15;
const DEFAULT_LENGTH: Readonly<Record<Unit, number>> = { hour: DAY, day: 30 * DAY };

/** @throws ProblemException 400 `from_invalid`, `to_invalid` */
export function resolveRange({ from, to }: HitRange, by: Unit, now: number): ResolvedRange {
  // The hour that begins just now counts too.
  const end = to === undefined ? now + 1 : Number(to);
  const start = from === undefined ? end - DEFAULT_LENGTH[by] : Number(from);
  if (!Number.isInteger(start) || Math.abs(start) > MAX_TIME) throw rangeInvalid('from', 'expected a time');
  if (!Number.isInteger(end) || Math.abs(end) > MAX_TIME) throw rangeInvalid('to', 'expected a time');
  if (start >= end) throw rangeInvalid('to', 'expected a time after from');
  if ((end - start) / LENGTH_OF[by] > MAX_STARTS)
    throw rangeInvalid('from', `expected at most ${MAX_STARTS} ${by}s before to`);
  return { from: start, to: end };
}

/** Every start of an hour or a day in the range, in order. */
export function startsIn(by: Unit, { from, to }: ResolvedRange): number[] {
  const starts: number[] = [];
  for (let start = nextStart(by, from); start < to; start += LENGTH_OF[by]) starts.push(start);
  return starts;
}

/**
 * The fewest buckets that are exactly the hours that begin in the range: whole days, and hours at both ends. Where an
 * end is a day whose hours are no longer kept, all of that day is taken.
 * @param keptFrom the earliest hour that is still kept
 */
export function spansOf({ from, to }: ResolvedRange, keptFrom: number): Span[] {
  const [first, end] = [nextStart('hour', from), nextStart('hour', to)];
  if (first >= end) return [];
  const wholeFrom = nextStart('day', keptFrom);
  const days = {
    from: first < wholeFrom ? startOf('day', first) : nextStart('day', first),
    to: startOf('day', end) < wholeFrom ? nextStart('day', end) : startOf('day', end),
  };
  const spans: Span[] =
    days.from < days.to
      ? [
          { unit: 'hour', from: first, to: days.from },
          { unit: 'day', ...days },
          { unit: 'hour', from: days.to, to: end },
        ]
      : [{ unit: 'hour', from: first, to: end }];
  return spans.filter((span) => span.from < span.to);
}

/** The first start that is not before this time. */
function nextStart(unit: Unit, time: number): number {
  return startOf(unit, time + LENGTH_OF[unit] - 1);
}
