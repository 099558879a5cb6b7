import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LatencyWindow, Tally } from 'nest-gatehouse/admin';

const MINUTE = 60_000;
const START = Date.UTC(2040, 0, 1);

describe('A tally', () => {
  it('counts exactly what happened within the last sixty seconds, and all there ever was', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(pauses, (steps) => {
        const tally = new Tally();
        const times: number[] = [];
        let now = START;
        for (const step of steps) {
          now += step;
          times.push(now);
          tally.add(now);
        }
        const second = (time: number) => Math.floor(time / 1_000);
        const recent = times.filter((time) => second(now) - second(time) < 60).length;
        expect([tally.total, tally.lastMinute(now)]).toEqual([times.length, recent]);
        expect(tally.lastMinute(now + MINUTE)).toBe(0);
      }),
    );
  });

  it('does not count what lies ahead of a clock that was set back', () => {
    const tally = new Tally();
    tally.add(START + 10_000);
    expect(tally.lastMinute(START)).toBe(0);
    expect(tally.lastMinute(START + 10_000)).toBe(1);
  });
});

describe('The window of latencies', () => {
  it('has quantiles that are right to a tenth', () => {
    const durations = fc.array(fc.double({ min: 0.002, max: 30_000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, rank) => {
        const window = new LatencyWindow();
        for (const duration of all) window.add(duration, START);
        const sorted = all.toSorted((one, other) => one - other);
        const exact = sorted[Math.max(1, Math.ceil(rank * all.length)) - 1]!;
        const [shown] = window.quantiles([rank], START);
        expect(Math.abs(shown! - exact)).toBeLessThanOrEqual(0.1 * exact + 0.001);
      }),
    );
  });

  it('forgets what is older than a minute, and has none without an operation', () => {
    const window = new LatencyWindow();
    expect(window.quantiles([0.5, 0.99], START)).toEqual([null, null]);
    window.add(100, START);
    window.add(1, START + 30_000);
    expect(window.quantiles([1], START + 59_000)[0]).toBeGreaterThan(90);
    expect(window.quantiles([1], START + 61_000)[0]).toBeLessThan(2);
    expect(window.quantiles([1], START + 2 * MINUTE)).toEqual([null]);
    window.add(0, START + 2 * MINUTE);
    window.add(10 ** 9, START + 2 * MINUTE);
    expect(window.quantiles([1], START + 2 * MINUTE)[0]).toBeGreaterThan(MINUTE / 2);
  });
});
