import { Controller, HttpException, Post, Req } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { AdminModule } from 'nest-gatehouse/admin';
import { HitsModule } from 'nest-gatehouse/hits';
import { AuthModule, Public } from 'nest-gatehouse/auth';
import { MemoryStorageModule, type Session, SessionModule } from 'nest-gatehouse/session';
import { LOGIN } from '../auth/support/auth-app.js';
import { onEveryPlatform, type AdminApp } from './support/admin-app.js';
import { ownNamesOf, samplesOf } from './support/prometheus.js';

const TOKEN = 'a-token-for-the-scraper';
/** Random ones, in a multiple of 25; `METRICS_ADDRESSES=100000` is the long form. */
const ADDRESSES = Number(process.env['METRICS_ADDRESSES'] ?? 200);
const BEARER = { authorization: `Bearer ${TOKEN}` };

@Controller()
@Public()
class VisitController {
  @Post('visit')
  visit(@Req() { session }: { session: Session }) {
    session['visits'] = Number(session['visits'] ?? 0) + 1;
    return {};
  }

  @Post('leave')
  async leave(@Req() { session }: { session: Session }) {
    await session.destroy();
    return {};
  }

  @Post('clash')
  async clash(@Req() { session }: { session: Session }) {
    session['clash'] = 1;
    await session.save();
    throw new HttpException({}, 409);
  }
}

async function scrape(app: AdminApp): Promise<Map<string, number>> {
  const answer = await app.browser(BEARER).get('/metrics');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return samplesOf(answer.text);
}

onEveryPlatform('/metrics', (start) => {
  it('has the numbers of what has happened, exactly', async () => {
    const app = await start({ admin: { metricsToken: TOKEN }, controllers: [VisitController] });
    const alice = await app.signedIn('alice');
    await app.signedIn('ada', 'admin');
    const visitors = Array.from({ length: 5 }, () => app.browser());
    for (const visitor of visitors) await visitor.post('/visit');
    for (const visitor of visitors) await visitor.post('/visit');
    await visitors[0]!.post('/leave');
    for (let n = 0; n < 3; n++) {
      const wrong = await app.browser().post(LOGIN, { username: 'alice', password: 'not the one, surely' });
      expect(wrong.status).toBe(401);
    }
    await alice.post('/auth/logout');
    const samples = await scrape(app);
    expect({
      signedIn: samples.get('gatehouse_sessions_live{state="signed_in"}'),
      anonymous: samples.get('gatehouse_sessions_live{state="anonymous"}'),
      opened: samples.get('gatehouse_sessions_opened_total'),
      loggedOut: samples.get('gatehouse_sessions_ended_total{reason="logout"}'),
      conflicts: samples.get('gatehouse_session_conflicts_total'),
      lockWaits: samples.get('gatehouse_lock_waits_total'),
      ok: samples.get('gatehouse_logins_total{outcome="ok"}'),
      failed: samples.get('gatehouse_logins_total{outcome="failed"}'),
      throttled: samples.get('gatehouse_logins_total{outcome="throttled"}'),
    }).toEqual({
      signedIn: 1,
      anonymous: 4,
      opened: 7,
      loggedOut: 2,
      conflicts: 0,
      lockWaits: 0,
      ok: 2,
      failed: 3,
      throttled: 0,
    });
    expect(samples.get('process_start_time_seconds')).toBeGreaterThan(0);
  });

  it('counts each operation of a store, in a histogram that adds up', async () => {
    const app = await start({ admin: { metricsToken: TOKEN }, controllers: [VisitController] });
    const visitor = app.browser();
    for (let n = 0; n < 4; n++) await visitor.post('/visit');
    const { operations } = app;
    const counts = (name: string) => operations.filter((operation) => operation === name).length;
    const [inserts, reads, updates] = [counts('insert'), counts('read'), counts('update')];
    expect([inserts, reads, updates]).toEqual([1, 3, 3]);
    const samples = await scrape(app);
    const of = (suffix: string, operation: string, more = '') =>
      samples.get(`gatehouse_store_operation_seconds_${suffix}{operation="${operation}",outcome="ok"${more}}`);
    for (const [operation, count] of [
      ['insert', 1],
      ['read', 3],
      ['update', 3],
    ] as const) {
      expect([operation, of('count', operation), of('bucket', operation, ',le="+Inf"')]).toEqual([
        operation,
        count,
        count,
      ]);
      expect(of('bucket', operation, ',le="5"')).toBeLessThanOrEqual(count);
      expect(of('sum', operation)).toBeGreaterThan(0);
    }
  });

  it('counts every failed sign-in, though the trail has a cap', async () => {
    const app = await start({
      admin: { metricsToken: TOKEN },
      auth: { freeFailures: 1_000, hardLimit: 1_000_000, networkLimit: 0 },
    });
    const attempts = Array.from({ length: 150 }, (_, n) =>
      app.browser().post(LOGIN, { username: `nobody-${n}`, password: 'x' }),
    );
    expect(new Set((await Promise.all(attempts)).map(({ status }) => status))).toEqual(new Set([401]));
    const written = app.audit.filter(({ type }) => type === 'login.failed').length;
    expect(written).toBeLessThan(150);
    expect((await scrape(app)).get('gatehouse_logins_total{outcome="failed"}')).toBe(150);
  });

  it('counts those that were throttled apart', async () => {
    const app = await start({ admin: { metricsToken: TOKEN }, auth: { freeFailures: 1, maxDelay: '1h' } });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++)
      statuses.push((await app.browser().post(LOGIN, { username: 'alice', password: 'x' })).status);
    const throttled = statuses.filter((status) => status === 429).length;
    expect(throttled).toBeGreaterThan(0);
    const samples = await scrape(app);
    expect(samples.get('gatehouse_logins_total{outcome="throttled"}')).toBe(throttled);
    expect(samples.get('gatehouse_logins_total{outcome="failed"}')).toBe(5 - throttled);
  });

  it('asks the store for one count, however many scrape', async () => {
    const app = await start({ admin: { metricsToken: TOKEN } });
    await Promise.all(Array.from({ length: 20 }, () => scrape(app)));
    const counts = app.operations.filter((operation) => operation === 'count').length;
    // All, signed-in and anonymous ones, once every two seconds, however long the scrapes take.
    expect(counts % 3).toBe(0);
    expect(counts).toBeLessThan(20);
  });

  it('is for the role admin and for whoever has the token', async () => {
    const app = await start({ admin: { metricsToken: TOKEN } });
    const [ada, alice] = [await app.signedIn('ada', 'admin'), await app.signedIn('alice')];
    const ask = async (client = app.browser(), headers: Record<string, string> = {}) => {
      const answer = await client.get('/metrics', { headers });
      const isProblem = answer.headers.get('content-type')?.startsWith('application/') ?? false;
      return [answer.status, isProblem ? answer.json()['code'] : 'text'];
    };
    expect(await ask(ada)).toEqual([200, 'text']);
    expect(await ask(app.browser(), BEARER)).toEqual([200, 'text']);
    expect(await ask(app.browser(), { authorization: `bearer  ${TOKEN} ` })).toEqual([200, 'text']);
    expect(await ask(alice)).toEqual([403, 'forbidden']);
    expect(await ask()).toEqual([401, 'not_signed_in']);
    for (const wrong of [`${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase(), '.'])
      expect(await ask(app.browser(), { authorization: `Bearer ${wrong}` })).toEqual([401, 'metrics_token_invalid']);
    expect(await ask(ada, { authorization: 'Bearer wrong' })).toEqual([401, 'metrics_token_invalid']);
    for (const other of [`Basic ${TOKEN}`, TOKEN, 'Bearer'])
      expect(await ask(app.browser(), { authorization: other })).toEqual([401, 'not_signed_in']);
    expect(app.audit.map(({ type, detail }) => `${type} ${detail}`)).toContain('access.denied MetricsController.read');
  });

  it('takes no token where none is set, and is not there where an application wants none', async () => {
    const app = await start();
    expect((await app.browser(BEARER).get('/metrics')).status).toBe(401);
    expect((await (await app.signedIn('ada', 'admin')).get('/metrics')).status).toBe(200);
    const without = await start({ admin: { metrics: false } });
    expect((await (await without.signedIn('ada', 'admin')).get('/metrics')).status).toBe(404);
    expect((await (await without.signedIn('ada', 'admin')).get('/admin/api/stats')).status).toBe(200);
  });

  it('leaves the figure of sessions out while the store does not answer', async () => {
    const app = await start({ admin: { metricsToken: TOKEN } });
    const { sessions } = app;
    Object.assign(sessions, { count: () => Promise.reject(new Error('down')) });
    const samples = await scrape(app);
    expect([...samples.keys()].filter((name) => name.startsWith('gatehouse_sessions_live'))).toEqual([]);
    expect(samples.get('gatehouse_sessions_opened_total')).toBe(0);
  });

  it('keeps its size, whatever is asked for', async () => {
    const app = await start({ admin: { metricsToken: TOKEN }, imports: [HitsModule.forRoot()] });
    const ask = (n: number) => app.browser().get(`/${n}/${Math.random()}`);
    await ask(0);
    // The first scrape counts sessions, which is an operation of its own.
    await scrape(app);
    const before = ownNamesOf((await app.browser(BEARER).get('/metrics')).text);
    for (let batch = 0; batch < ADDRESSES / 25; batch++)
      await Promise.all(Array.from({ length: 25 }, (_, n) => ask(n)));
    const after = (await app.browser(BEARER).get('/metrics')).text;
    expect(ownNamesOf(after)).toEqual(before);
    const unmatched = samplesOf(after).get('gatehouse_hits_total{method="GET",route="(unmatched)",status="4xx"}');
    expect(unmatched).toBe(ADDRESSES + 1);
  });
});

describe('The options of the metrics', () => {
  it('refuse a token that can be guessed, and a port that is none', async () => {
    const imports = [MemoryStorageModule.forRoot(), SessionModule.forRoot(), AuthModule.forRoot()];
    const make = (options: object) =>
      Test.createTestingModule({ imports: [...imports, AdminModule.forRoot(options)] }).compile();
    await expect(make({ metricsToken: 'short' })).rejects.toThrow('metricsToken: expected at least 16 characters');
    await expect(make({ metricsToken: 'with a blank in it, so' })).rejects.toThrow('metricsToken');
    await expect(make({ metricsPort: 70_000 })).rejects.toThrow('metricsPort');
  });
});
