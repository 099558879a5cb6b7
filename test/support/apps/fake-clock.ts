import { Clock } from 'nest-gatehouse/common';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Stands still until a test moves it. It begins in the future, so that no store's own clean-up finds anything to do. */
export class FakeClock extends Clock {
  #now = Date.UTC(2040, 0, 1);

  override now(): number {
    return this.#now;
  }

  /** Forwards, or back by a negative number of milliseconds. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
