import type { Unit } from './hit-records.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const LENGTH_OF: Readonly<Record<Unit, number>> = { hour: HOUR, day: DAY };

/** When the hour or the day of UTC began in which this time is. */
export function startOf(unit: Unit, time: number): number {
  const length = LENGTH_OF[unit];
  return Math.floor(time / length) * length;
}

/** The month of UTC, as the number of months since the year 0. */
export function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
