import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HitService, HitsModule, MemoryHitStorageModule } from 'nest-gatehouse/hits';
import { DAY, HOUR, HitStorage, startOf, type HourOfHits } from 'nest-gatehouse/hits/storage';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { FakeClock } from '../support/apps/fake-clock.js';
import { withClock } from '../support/apps/session-app.js';

const RETENTION_DAYS = 5;
/** Days before now that have hits. */
const DAYS = 12;

const clock = new FakeClock();
// Now is within an hour of a day.
clock.advance(17 * HOUR + 123_456);
const now = clock.now();
const today = startOf('day', now);

/** Each hour has its own number of hits, so that a wrong one shows. */
const hours = Array.from({ length: DAYS * 24 }, (_, n) => ({ start: today - n * HOUR, people: n + 1 }));

const time = fc.integer({ min: today - (DAYS + 1) * DAY, max: today + 2 * DAY });
const aligned = time.map((any) => startOf('hour', any));
const range = fc
  .tuple(fc.oneof(time, aligned), fc.oneof(time, aligned))
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

describe('The range of a question', () => {
  let context: INestApplicationContext;
  let hits: HitService;

  beforeAll(async () => {
    class AppModule {}
    const imports = [
      MemoryStorageModule.forRoot(),
      MemoryHitStorageModule.forRoot(),
      withClock(SessionModule.forRoot(), clock),
      HitsModule.forRoot({ retention: `${RETENTION_DAYS}d`, dailyRetention: '60d' }),
    ];
    context = await NestFactory.createApplicationContext({ module: AppModule, imports }, { logger: false });
    hits = context.get(HitService);
    const all = hours.map(({ start, people }): HourOfHits => {
      const routes = [{ method: 'GET', route: '/', status: { '2xx': people } }];
      return { start, people, bots: 0, routes, agents: [{ family: 'Firefox', bot: false, total: people }] };
    });
    const limits = { maxRoutes: 9, maxAgents: 9, retention: DAY, dailyRetention: DAY };
    const batch = { writer: 'w', number: 1, at: now, hours: all, days: [], sessions: [], limits };
    await context.get(HitStorage, { strict: false }).store.add(batch);
  });

  afterAll(() => context.close());

  it.each([
    ['hour', HOUR],
    ['day', DAY],
  ] as const)('has every start of an %s exactly once, with its hits', async (by, length) => {
    await fc.assert(
      fc.asyncProperty(range, async ({ from, to }) => {
        const { items } = await hits.series({ from, to, by });
        const expected: number[] = [];
        for (let start = Math.ceil(from / length) * length; start < to; start += length) expected.push(start);
        expect(items.map(({ start }) => Date.parse(start))).toEqual(expected);
        const naive = expected.map((bucket) => sumOf(({ start }) => start >= bucket && start < bucket + length));
        expect(items.map(({ total }) => total)).toEqual(naive);
      }),
      { numRuns: 300 },
    );
  });

  it('has the hours of routes and agents while they are kept, and whole days before', async () => {
    // From this day on all hours are kept.
    const keptFrom = startOf('day', now - RETENTION_DAYS * DAY) + DAY;
    await fc.assert(
      fc.asyncProperty(range, async ({ from, to }) => {
        const isIn = (start: number) => start >= from && start < to;
        const touches = (day: number) => Array.from({ length: 24 }, (_, n) => day + n * HOUR).some(isIn);
        const expected = sumOf(({ start }) => {
          const day = startOf('day', start);
          return day < keptFrom ? touches(day) : isIn(start);
        });
        const [routes, agents] = await Promise.all([hits.routes({ from, to }), hits.agents({ from, to })]);
        expect(routes.items[0]?.total ?? 0).toBe(expected);
        expect(agents.items[0]?.total ?? 0).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

function sumOf(isCounted: (hour: { start: number }) => boolean): number {
  return hours.filter(isCounted).reduce((sum, { people }) => sum + people, 0);
}
