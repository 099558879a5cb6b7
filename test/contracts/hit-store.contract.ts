import assert from 'node:assert/strict';
import {
  DAY,
  HOUR,
  type HitStore,
  OTHER,
  type RouteHits,
  type Span,
  startOf,
  UNMATCHED,
} from 'nest-gatehouse/hits/storage';
import { parallel } from './auth-harness.js';
import type { TestRunner } from './harness.js';
import { anHour, BatchWriter, hitSuite, LIMITS, type HitHarnessFactory } from './hit-harness.js';

/** Whatever a client may send, or an application may call its routes. */
const STRANGE = ['', 'a.b', '$x', '$$ROOT', '__proto__', 'a\u0000b', 'é 🐎', '"[]', "'; DROP", 'x'.repeat(300)];

/** What every `HitStore` promises. */
export function hitStoreContract(name: string, factory: HitHarnessFactory, runner?: TestRunner): void {
  hitSuite(`${name}: HitStore`, factory, runner, (scenario) => {
    scenario('adds a batch to its hours, their days and the total', async ({ hits, now }) => {
      const day = startOf('day', now());
      const writer = new BatchWriter(now());
      assert.deepEqual({ ...(await hits.total()) }, { people: 0, bots: 0 });
      const night = anHour(day + HOUR, 1, {
        bots: 4,
        routes: [
          { method: 'GET', route: '/', status: { '2xx': 2, '5xx': 1 } },
          { method: 'POST', route: '/', status: { '3xx': 1 } },
          { method: 'GET', route: UNMATCHED, status: { '4xx': 1 } },
        ],
        agents: [
          { family: 'Firefox', bot: false, total: 1 },
          { family: 'curl', bot: true, total: 4 },
        ],
      });
      await hits.add(writer.batch({ hours: [night] }));
      await hits.add(writer.batch({ hours: [anHour(day + HOUR, 2), anHour(day + 5 * HOUR, 3)] }));
      await hits.add(writer.batch({ hours: [anHour(day + DAY, 10)] }));

      assert.deepEqual({ ...(await hits.total()) }, { people: 16, bots: 4 });
      assert.deepEqual(await bucketsOf(hits, { unit: 'hour', from: day, to: day + 2 * DAY }), [
        [day + HOUR, 3, 4, 0],
        [day + 5 * HOUR, 3, 0, 0],
        [day + DAY, 10, 0, 0],
      ]);
      assert.deepEqual(await bucketsOf(hits, { unit: 'day', from: day, to: day + 2 * DAY }), [
        [day, 6, 4, 0],
        [day + DAY, 10, 0, 0],
      ]);
      const first = [{ unit: 'hour', from: day + HOUR, to: day + 2 * HOUR }] as const;
      const whole = [{ unit: 'day', from: day, to: day + DAY }] as const;
      assert.deepEqual(await routesOf(hits, first), [
        'GET (unmatched) {"4xx":1}',
        'GET / {"2xx":4,"5xx":1}',
        'POST / {"3xx":1}',
      ]);
      assert.deepEqual(await routesOf(hits, whole), [
        'GET (unmatched) {"4xx":1}',
        'GET / {"2xx":7,"5xx":1}',
        'POST / {"3xx":1}',
      ]);
      assert.deepEqual(await agentsOf(hits, first), ['bot curl 4', 'people Firefox 3']);
      assert.deepEqual(await agentsOf(hits, whole), ['bot curl 4', 'people Firefox 6']);
    });

    scenario('sums over several spans, from their first start on and before their end', async ({ hits, now }) => {
      const day = startOf('day', now());
      const writer = new BatchWriter(now());
      const hours = Array.from({ length: 48 }, (_, n) => anHour(day + n * HOUR, 1));
      await hits.add(writer.batch({ hours }));
      const spans: Span[] = [
        { unit: 'hour', from: day + 22 * HOUR, to: day + 24 * HOUR },
        { unit: 'day', from: day + DAY, to: day + 2 * DAY },
      ];
      assert.deepEqual(await routesOf(hits, spans), ['GET / {"2xx":26}']);
      assert.deepEqual(await agentsOf(hits, spans), ['people Firefox 26']);
      assert.equal((await bucketsOf(hits, spans[0]!)).length, 2);
      assert.deepEqual(await bucketsOf(hits, { unit: 'hour', from: day + 1, to: day + HOUR }), []);
      for (const none of [[], [{ unit: 'day', from: day + 2 * DAY, to: day + 9 * DAY }]] as Span[][]) {
        assert.deepEqual(await hits.routes(none), []);
        assert.deepEqual(await hits.agents(none), []);
      }
    });

    scenario('adds a batch once, however often and by whichever way it comes', async ({ hits, now }) => {
      const day = startOf('day', now());
      const writer = new BatchWriter(now());
      const end = now() + HOUR;
      const first = writer.batch({
        hours: [anHour(day, 2)],
        days: [{ start: day, uniques: 3 }],
        sessions: [{ handle: 'ann', hits: 2, expiresAt: end }],
      });
      const second = writer.batch({ hours: [anHour(day, 5)], sessions: [{ handle: 'ann', hits: 5, expiresAt: end }] });
      await parallel(5, () => hits.add(first));
      await hits.add(second);
      await hits.add(first);
      await parallel(5, () => hits.add(second));
      assert.deepEqual(await bucketsOf(hits, { unit: 'day', from: day, to: day + DAY }), [[day, 7, 0, 3]]);
      assert.deepEqual(await bucketsOf(hits, { unit: 'hour', from: day, to: day + DAY }), [[day, 7, 0, 0]]);
      assert.deepEqual(await routesOf(hits, [{ unit: 'day', from: day, to: day + DAY }]), ['GET / {"2xx":7}']);
      assert.equal((await hits.ofSessions(['ann'])).get('ann'), 7);
      assert.deepEqual({ ...(await hits.total()) }, { people: 7, bots: 0 });
    });

    scenario('loses nothing where many processes add at once', async ({ hits, now }) => {
      const day = startOf('day', now());
      await parallel(20, async (n) => {
        const writer = new BatchWriter(now());
        for (let batch = 0; batch < 5; batch++) {
          const routes = [
            { method: 'GET', route: `/${n % 10}`, status: { '2xx': 1 } },
            { method: 'GET', route: '/', status: { '2xx': 1 } },
          ];
          const agents = [{ family: `browser ${n % 5}`, bot: false, total: 2 }];
          const sessions = [{ handle: `s${n % 4}`, hits: 2, expiresAt: day + DAY }];
          const hour = { ...anHour(day, 2), routes, agents };
          await hits.add(writer.batch({ hours: [hour], days: [{ start: day, uniques: 1 }], sessions }));
        }
      });
      assert.deepEqual(await bucketsOf(hits, { unit: 'day', from: day, to: day + DAY }), [[day, 200, 0, 100]]);
      const routes = await routesOf(hits, [{ unit: 'hour', from: day, to: day + HOUR }]);
      assert.deepEqual(routes, ['GET / {"2xx":100}', ...Array.from({ length: 10 }, (_, n) => `GET /${n} {"2xx":10}`)]);
      const agents = await agentsOf(hits, [{ unit: 'day', from: day, to: day + DAY }]);
      assert.deepEqual(
        agents,
        Array.from({ length: 5 }, (_, n) => `people browser ${n} 40`),
      );
      assert.deepEqual([...(await hits.ofSessions(['s0', 's1', 's2', 's3'])).values()], [50, 50, 50, 50]);
    });

    scenario('bounds the names of a day over all processes, and counts the rest together', async ({ hits, now }) => {
      const day = startOf('day', now());
      await parallel(6, async (n) => {
        const writer = new BatchWriter(now());
        for (let batch = 0; batch < 4; batch++) {
          const names = Array.from({ length: 5 }, (_, at) => `${n}-${batch}-${at}`);
          const routes: RouteHits[] = [
            ...names.map((route) => ({ method: 'GET', route, status: { '2xx': 1 } })),
            { method: 'GET', route: UNMATCHED, status: { '4xx': 1 } },
          ];
          const agents = names.map((family) => ({ family, bot: true, total: 1 }));
          const hour = anHour(day + batch * HOUR, 0, { bots: 6, routes, agents });
          await hits.add(writer.batch({ hours: [hour] }));
        }
      });
      for (const unit of ['hour', 'day'] as const) {
        const spans = [{ unit, from: day, to: day + DAY }];
        const routes = await hits.routes(spans);
        const named = routes.filter(({ route }) => route !== UNMATCHED && route !== OTHER);
        assert.equal(named.length, LIMITS.maxRoutes);
        const all = routes.map(({ route, status }) => [route, Object.values(status).reduce((a, b) => a + b)] as const);
        const total = all.reduce((sum, [, count]) => sum + count, 0);
        assert.deepEqual([total, Object.fromEntries(all)[UNMATCHED]], [144, 24]);
        assert.deepEqual(
          named.map(({ status }) => status['2xx']),
          Array(LIMITS.maxRoutes).fill(1),
        );
        const agents = await hits.agents(spans);
        assert.equal(agents.filter(({ family }) => family !== OTHER).length, LIMITS.maxAgents);
        assert.equal(agents.find(({ family }) => family === OTHER)?.total, 120 - LIMITS.maxAgents);
      }
      const next = new BatchWriter(now());
      await hits.add(next.batch({ hours: [anHour(day + DAY, 1)] }));
      const tomorrow = [{ unit: 'day', from: day + DAY, to: day + 2 * DAY }] as const;
      assert.deepEqual(await routesOf(hits, tomorrow), ['GET / {"2xx":1}']);
    });

    scenario('takes any name for what it is', async ({ hits, now }) => {
      const day = startOf('day', now());
      const writer = new BatchWriter(now());
      const limits = { ...LIMITS, maxRoutes: 100, maxAgents: 100 };
      const routes = STRANGE.map((route) => ({ method: 'GET', route, status: { '2xx': 1 } }));
      const agents = STRANGE.map((family) => ({ family, bot: false, total: 1 }));
      const hour = { ...anHour(day, STRANGE.length), routes, agents };
      for (let time = 0; time < 2; time++) await hits.add(writer.batch({ hours: [hour], limits }));
      const spans = [{ unit: 'day', from: day, to: day + DAY }] as const;
      const counted = await hits.routes(spans);
      assert.deepEqual(new Set(counted.map(({ route }) => route)), new Set(STRANGE));
      assert.deepEqual(
        counted.map(({ status }) => ({ ...status })),
        STRANGE.map(() => ({ '2xx': 2 })),
      );
      const families = await hits.agents(spans);
      assert.deepEqual(new Set(families.map(({ family }) => family)), new Set(STRANGE));
      assert.deepEqual(
        families.map(({ total }) => total),
        STRANGE.map(() => 2),
      );
    });

    scenario('counts the hits of each session', async ({ hits, now }) => {
      const writers = [new BatchWriter(now()), new BatchWriter(now())];
      const expiresAt = now() + DAY;
      for (const writer of writers) {
        await hits.add(writer.batch({ sessions: [{ handle: '-a', hits: 2, expiresAt }] }));
        await hits.add(writer.batch({ sessions: [{ handle: '-a', hits: 1, expiresAt }, ...some(300, expiresAt)] }));
      }
      const handles = ['-a', 'nobody', 's7', '__proto__'];
      assert.deepEqual(
        [...(await hits.ofSessions(handles))],
        [
          ['-a', 6],
          ['nobody', 0],
          ['s7', 2],
          ['__proto__', 0],
        ],
      );
      assert.deepEqual([...(await hits.ofSessions([]))], []);
    });

    scenario('counts unique sessions by day, with hits and without', async ({ hits, now }) => {
      const day = startOf('day', now());
      const writer = new BatchWriter(now());
      await hits.add(writer.batch({ days: [{ start: day, uniques: 2 }] }));
      await hits.add(writer.batch({ hours: [anHour(day, 1)], days: [{ start: day, uniques: 1 }] }));
      await hits.add(writer.batch({ days: [{ start: day + DAY, uniques: 5 }] }));
      assert.deepEqual(await bucketsOf(hits, { unit: 'day', from: day, to: day + 3 * DAY }), [
        [day, 1, 0, 3],
        [day + DAY, 0, 0, 5],
      ]);
    });

    scenario('forgets what has expired, and never the total', async ({ hits, now, expires }) => {
      const day = startOf('day', now());
      const writer = new BatchWriter(now());
      const days = Array.from({ length: 5 }, (_, n) => day + n * DAY);
      const sessions = [
        { handle: 'old', hits: 1, expiresAt: now() },
        { handle: 'new', hits: 1, expiresAt: now() + 1 },
      ];
      await hits.add(writer.batch({ hours: days.map((start) => anHour(start, 1)), sessions }));
      const until = { now: now(), hoursBefore: day + 3 * DAY, daysBefore: day + DAY };
      let rounds = 0;
      while ((await hits.expire(until, 2)) > 0) rounds++;
      assert.equal(rounds > 0, expires);
      assert.deepEqual({ ...(await hits.total()) }, { people: 5, bots: 0 });
      const left = (unit: 'hour' | 'day') => hits.buckets({ unit, from: day, to: day + 9 * DAY });
      const starts = async (unit: 'hour' | 'day') => (await left(unit)).map(({ start }) => start);
      assert.deepEqual(await starts('hour'), expires ? days.slice(3) : days);
      assert.deepEqual(await starts('day'), expires ? days.slice(1) : days);
      const counted = await routesOf(hits, [{ unit: 'hour', from: day, to: day + 9 * DAY }]);
      assert.deepEqual(counted, [`GET / {"2xx":${expires ? 2 : 5}}`]);
      const families = await agentsOf(hits, [{ unit: 'day', from: day, to: day + 9 * DAY }]);
      assert.deepEqual(families, [`people Firefox ${expires ? 4 : 5}`]);
      assert.deepEqual([...(await hits.ofSessions(['old', 'new'])).values()], [expires ? 0 : 1, 1]);
    });
  });
}

function some(count: number, expiresAt: number) {
  return Array.from({ length: count }, (_, n) => ({ handle: `s${n}`, hits: 1, expiresAt }));
}

async function bucketsOf(hits: HitStore, span: Span): Promise<number[][]> {
  const buckets = await hits.buckets(span);
  return buckets.map(({ start, people, bots, uniques }) => [start, people, bots, uniques]);
}

/** Sorted, the status classes too. */
async function routesOf(hits: HitStore, spans: readonly Span[]): Promise<string[]> {
  const routes = await hits.routes(spans);
  const text = (status: RouteHits['status']) => JSON.stringify(Object.fromEntries(Object.entries(status).sort()));
  return routes.map(({ method, route, status }) => `${method} ${route} ${text(status)}`).sort();
}

async function agentsOf(hits: HitStore, spans: readonly Span[]): Promise<string[]> {
  const agents = await hits.agents(spans);
  return agents.map(({ family, bot, total }) => `${bot ? 'bot' : 'people'} ${family} ${total}`).sort();
}
