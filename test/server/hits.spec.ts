import { afterAll, describe, expect, it } from '@jest/globals';
import { LoadClient } from '../bench/load.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { until } from '../support/latch.js';
import { gatehouse } from '../support/servers/command-line.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';
import { readTables } from '../support/servers/store-tables.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const UNBOUNDED = { MAX_ANONYMOUS_SESSIONS: '0', MAX_ANONYMOUS_BYTES: '0', ANONYMOUS_PER_NETWORK: '0' };
const DATABASE = 'data/gatehouse.db';
const REQUESTS = 300;
const KILLS = Number(process.env['KILL_ROUNDS'] ?? 2);

interface Total {
  readonly total: number;
}

async function totalOf(server: ReferenceServer): Promise<number> {
  return (await new BrowserClient(server.url).get('/api/hits')).json<Total>().total;
}

describe.each(['fastify', 'express'])('hits of the reference server, on %s', (HTTP_ADAPTER) => {
  /** What a process writes when it stops, no platform knows. */
  const onOne = HTTP_ADAPTER === 'fastify' ? it : () => undefined;

  afterAll(cleanUp);

  onOne('are exact over two processes, and over their stop', async () => {
    const directory = await temporaryDirectory();
    const env = { HTTP_ADAPTER, LOG_LEVEL: 'error', SQLITE_FILE: DATABASE };
    const servers = await Promise.all([1, 2].map(() => ReferenceServer.start({ directory, env })));
    const visit = (n: number) => new BrowserClient(servers[n % 2]!.url).get(n % 10 ? '/health/live' : `/no-${n}`);
    await Promise.all(Array.from({ length: REQUESTS }, (_, n) => visit(n)));
    const exits = await Promise.all(servers.map((server) => server.kill('SIGTERM')));
    expect(exits.map(({ code }) => code)).toEqual([0, 0]);

    const after = await ReferenceServer.start({ directory, env });
    expect(await totalOf(after)).toBe(REQUESTS);
    expect(await totalOf(after)).toBe(REQUESTS + 1);
    await after.kill('SIGTERM');
    const rows = (await readTables(after, 'hit_routes')).get('hit_routes')!;
    const ofDay = rows.filter(({ unit }) => unit === 'day');
    const counted = ofDay.map(({ method, route, status_2xx, status_4xx }) => [method, route, status_2xx, status_4xx]);
    expect(counted.sort()).toEqual([
      ['GET', '(unmatched)', 0, REQUESTS / 10],
      ['GET', '/api/hits', 2, 0],
      ['GET', '/health/live', 0.9 * REQUESTS, 0],
    ]);
  });

  it('are counted where a request is refused before it reaches the application', async () => {
    const server = await ReferenceServer.start({ inHost: true, env: { HTTP_ADAPTER } });
    const client = new BrowserClient(server.url);
    expect((await client.get('/%zz')).status).toBe(400);
    expect((await client.post('/api/code', { code: 'x'.repeat(200_000) })).status).toBe(413);
    const crossSite = { headers: { 'sec-fetch-site': 'cross-site' } };
    expect((await client.post('/api/session/renew', undefined, crossSite)).status).toBe(403);
    expect(await totalOf(server)).toBe(3);
  });

  it('of a session are told to its visitor', async () => {
    const server = await ReferenceServer.start({ inHost: true, env: { HTTP_ADAPTER } });
    const client = new BrowserClient(server.url);
    expect((await client.get('/api/session')).json()).toEqual({ active: false });
    await client.post('/api/code', { code: 'x' });
    await client.get('/');
    expect((await client.get('/api/session')).json()).toMatchObject({ active: true, hits: 2 });
    expect((await client.get('/api/session')).json()).toMatchObject({ hits: 3 });
  });
});

describe('kill -9', () => {
  afterAll(cleanUp);

  it('loses only what was not written yet, and counts nothing twice', async () => {
    const directory = await temporaryDirectory();
    let total = 0;
    for (let round = 0; round < KILLS; round++) {
      const server = await ReferenceServer.start({ directory, env: { LOG_LEVEL: 'error' } });
      const before = await totalOf(server);
      expect(before).toBe(total);
      const visits = (count: number) =>
        Promise.all(Array.from({ length: count }, () => new BrowserClient(server.url).get('/health/live')));
      await visits(50);
      const written = async () =>
        Number((await readTables(server, 'hit_totals')).get('hit_totals')!.find(isMonth)?.['bots']);
      // The look at the total is one of them.
      await until('they are written', async () => (await written()) === total + 51);
      await visits(20);
      await server.kill('SIGKILL');
      total = await written();
      expect(total - before).toBeGreaterThanOrEqual(51);
      expect(total - before).toBeLessThanOrEqual(71);
    }
  });

  it('loses no request that was answered, in the mode strict', async () => {
    const directory = await temporaryDirectory();
    const env = { LOG_LEVEL: 'error', HITS_MODE: 'strict' };
    let [answered, sent] = [0, 0];
    for (let round = 0; round < KILLS; round++) {
      const server = await ReferenceServer.start({ directory, env });
      const visitors = Array.from({ length: 8 }, async () => {
        for (;;) {
          sent++;
          await new BrowserClient(server.url).get('/api/code');
          answered++;
        }
      });
      const ended = Promise.allSettled(visitors);
      const goal = answered + 100;
      await until('some are answered', () => answered >= goal);
      await server.kill('SIGKILL');
      await ended;
      const counted = Number((await readTables(server, 'hit_totals')).get('hit_totals')!.find(isMonth)?.['bots']);
      expect(counted).toBeGreaterThanOrEqual(answered);
      expect(counted).toBeLessThanOrEqual(sent);
    }
  });
});

describe('unique sessions', () => {
  afterAll(cleanUp);

  it('are exact over two processes, many sessions and three days', async () => {
    // `HITS_SESSIONS=10000` takes minutes.
    const SESSIONS = Number(process.env['HITS_SESSIONS'] ?? 200);
    const RETURNING = SESSIONS / 4;
    const directory = await temporaryDirectory();
    const env = {
      ...UNBOUNDED,
      LOG_LEVEL: 'error',
      SESSION_IDLE_TIMEOUT: '10d',
      SESSION_ABSOLUTE_TIMEOUT: '10d',
      // Visitors keep the cookie of the first day.
      SESSION_RENEW_AFTER: 'false',
    };
    const preload = ['test/support/servers/set-clock.mjs'];
    const onDay = async (
      day: number,
      processes: number,
      visit: (servers: readonly ReferenceServer[]) => Promise<void>,
    ) => {
      const dayEnv = { ...env, CLOCK_AT: `2040-01-0${day}T12:00:00.000Z` };
      const start = () => ReferenceServer.start({ directory, env: dayEnv, preload });
      const servers = await Promise.all(Array.from({ length: processes }, start));
      await visit(servers);
      const exits = await Promise.all(servers.map((server) => server.kill('SIGTERM')));
      expect(exits.map(({ code }) => code)).toEqual(exits.map(() => 0));
    };
    /** Every one of these sessions is used once at each server, at the same time. */
    const visitAll = (some: readonly string[]) => async (servers: readonly ReferenceServer[]) => {
      const clients = servers.map(({ url }) => new LoadClient(url));
      const load = { path: '/api/code', cookie: some, headers: { 'User-Agent': FIREFOX }, requests: some.length };
      await Promise.all(clients.map((client) => client.send(load)));
      for (const client of clients) client.close();
    };

    const cookies: string[] = [];
    await onDay(1, 2, async (servers) => {
      const open = async (n: number) => {
        const client = new BrowserClient(servers[n % 2]!.url, { 'user-agent': n < SESSIONS ? FIREFOX : 'curl/8' });
        await client.post('/api/code', { code: 'x' });
        if (n < SESSIONS) cookies.push(`sid=${client.cookies.get('sid')}`);
      };
      for (let from = 0; from < SESSIONS + 50; from += 50)
        await Promise.all(Array.from({ length: 50 }, (_, n) => open(from + n)));
    });
    await onDay(2, 2, visitAll(cookies));
    await onDay(3, 1, visitAll(cookies.slice(0, RETURNING)));

    const told = await gatehouse(['hits', '--from', '2040-01-01', '--to', '2040-01-04', '--json'], { directory });
    const { items } = told.json<{ items: { people: number; bots: number; uniques: number }[] }>();
    expect(items.map(({ people, bots, uniques }) => [people, bots, uniques])).toEqual([
      [SESSIONS, 50, SESSIONS],
      [2 * SESSIONS, 0, SESSIONS],
      [RETURNING, 0, RETURNING],
    ]);
  }, 600_000);
});

describe('gatehouse hits', () => {
  afterAll(cleanUp);

  it('tells the total, hours and days, to people and to programs', async () => {
    const directory = await temporaryDirectory();
    const server = await ReferenceServer.start({ inHost: true, directory });
    for (let n = 0; n < 3; n++) await new BrowserClient(server.url, { 'user-agent': FIREFOX }).get('/health/live');
    await new BrowserClient(server.url).get('/nowhere');
    const run = (...args: string[]) => gatehouse(['hits', ...args], { directory });
    const told = async () => (await run('--json')).json<Total>().total === 4;
    await until('they are written', told);
    const json = (await run('--json', '--by', 'hour')).json<{ total: number; by: string; items: object[] }>();
    expect(json).toMatchObject({ total: 4, by: 'hour' });
    expect(json.items).toHaveLength(24);
    const { stdout } = await run();
    expect(stdout).toMatch(/^4 requests in all\.\n\nHOUR \(UTC\) +REQUESTS {2}PEOPLE {2}BOTS\n/);
    expect(stdout).toMatch(/\n\nDAY \(UTC\) +REQUESTS {2}PEOPLE {2}BOTS {2}SESSIONS\n(.*\n){6}.* 4 +3 +1 +0\n$/);
    for (const wrong of [['--by', 'week'], ['--from', 'yesterday'], ['--to']])
      expect((await run(...wrong, '--json')).status).toBe(2);
    const refused = await run('--from', '2040-01-02', '--to', '2040-01-01', '--json');
    expect([refused.status, JSON.parse(refused.stderr)]).toMatchObject([1, { status: 400, code: 'to_invalid' }]);
  });
});

function isMonth({ unit }: Readonly<Record<string, unknown>>): boolean {
  return unit === 'month';
}
