import { Controller, Get, Post } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import { BadCursorError } from 'nest-gatehouse/common';
import { Session } from 'nest-gatehouse/session';
import { DAY, HOUR } from 'nest-gatehouse/hits/storage';
import { BrowserClient } from '../support/browser/browser-client.js';
import { FIREFOX, onEveryPlatform, type HitsApp } from './support/hits-app.js';

const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

@Controller()
class ValuesController {
  @Get()
  look() {
    return {};
  }

  @Post('keep')
  keep(@Session() session: Session<{ kept?: number }>) {
    session.kept = (session.kept ?? 0) + 1;
    return {};
  }

  @Post('leave')
  async leave(@Session() session: Session) {
    await session.destroy();
    return {};
  }
}

const controllers = [ValuesController];

onEveryPlatform('Hits', (start, { storage }) => {
  it('tell people from bots, and the families of both', async () => {
    const app = await start({ controllers });
    for (const agent of [FIREFOX, FIREFOX.replace('140', '141'), SAFARI]) await app.browser(agent).get('/');
    for (const agent of [GOOGLEBOT, 'curl/8.5.0', 'curl/8.6.0', 'kube-probe/1.30']) await app.browser(agent).get('/');
    await new BrowserClient(app.url, { 'user-agent': FIREFOX, authorization: 'Bearer gh_key_secret' }).get('/');
    await new BrowserClient(app.url, { 'user-agent': FIREFOX, authorization: 'Bearer another' }).get('/');
    expect((await app.hits.agents()).items).toEqual([
      { family: 'Firefox', bot: false, total: 3 },
      { family: 'curl', bot: true, total: 2 },
      { family: 'Firefox', bot: true, total: 1 },
      { family: 'Googlebot', bot: true, total: 1 },
      { family: 'kube-probe', bot: true, total: 1 },
      { family: 'Safari', bot: false, total: 1 },
    ]);
    const { items } = await app.hits.series({ by: 'hour' });
    expect(items).toHaveLength(24);
    expect(items.at(-1)).toEqual({ start: '2040-01-01T00:00:00.000Z', total: 9, people: 4, bots: 5 });
  });

  it('have every hour and day of a range, also those without', async () => {
    const app = await start({ controllers });
    const begin = app.clock.now();
    const client = app.browser();
    for (const hours of [0, 1, 23, 30]) {
      app.clock.advance(begin + hours * HOUR - app.clock.now());
      await client.get('/');
    }
    const hourly = await app.hits.series({ from: begin, to: begin + 31 * HOUR, by: 'hour' });
    expect(hourly.items.map(({ start: time }) => Date.parse(time))).toEqual(
      Array.from({ length: 31 }, (_, n) => begin + n * HOUR),
    );
    expect(hourly.items.flatMap(({ total }, hour) => (total === 1 ? [hour] : []))).toEqual([0, 1, 23, 30]);
    expect((await app.hits.series({ from: begin - DAY, to: begin + 2 * DAY, by: 'day' })).items).toEqual([
      { start: '2039-12-31T00:00:00.000Z', total: 0, people: 0, bots: 0, uniques: 0 },
      { start: '2040-01-01T00:00:00.000Z', total: 3, people: 3, bots: 0, uniques: 0 },
      { start: '2040-01-02T00:00:00.000Z', total: 1, people: 1, bots: 0, uniques: 0 },
    ]);
    const within = async (from: number, to: number) => {
      const { items } = await app.hits.routes({ from: begin + from * HOUR, to: begin + to * HOUR });
      return items[0]?.total ?? 0;
    };
    expect([await within(0, 1), await within(1, 30), await within(1, 31), await within(-5, 48)]).toEqual([1, 2, 3, 4]);
    for (const wrong of [{ from: 2, to: 1 }, { from: 1.5 }, { to: Number.NaN }, { from: 0, to: 9e13 }])
      await expect(app.hits.series({ ...wrong, by: 'hour' })).rejects.toMatchObject({ status: 400 });
  });

  it('are counted for each session, stored and not yet', async () => {
    const app = await start({ controllers });
    const [ann, bob] = [app.browser(), app.browser()];
    await ann.get('/');
    await ann.post('/keep');
    const handle = handleOf(ann);
    expect(await app.hits.forSession(handle)).toBe(1);
    for (let n = 0; n < 4; n++) await ann.get('/');
    await app.hits.routes();
    await ann.get('/nowhere');
    await bob.post('/keep');
    expect(await app.hits.forSession(handle)).toBe(6);
    expect([...(await app.hits.forSessions([handle, handleOf(bob), 'none']))]).toEqual([
      [handle, 6],
      [handleOf(bob), 1],
      ['none', 0],
    ]);
    // The one that ends it is one of its own.
    await ann.post('/leave');
    await ann.get('/');
    expect(await app.hits.forSession(handle)).toBe(7);
    expect(await app.hits.total()).toBe(10);
  });

  it('count each session of people once a day, a new one at once', async () => {
    const app = await start({ controllers, session: { idleTimeout: '10d', absoluteTimeout: '10d' } });
    const uniques = async () => {
      const { items } = await app.hits.series({ from: Date.UTC(2040, 0, 1), to: Date.UTC(2040, 0, 4), by: 'day' });
      return items.map((day) => day.uniques);
    };
    const people = [app.browser(), app.browser(), app.browser()];
    const bot = app.browser(GOOGLEBOT);
    for (const client of [...people, bot]) await client.post('/keep');
    expect(await uniques()).toEqual([3, 0, 0]);
    for (const client of [...people, bot]) await Promise.all([client.get('/'), client.post('/keep')]);
    expect(await uniques()).toEqual([3, 0, 0]);
    app.clock.advance(DAY);
    for (const client of [people[0]!, people[1]!, bot])
      await Promise.all(Array.from({ length: 5 }, () => client.get('/')));
    expect(await uniques()).toEqual([3, 2, 0]);
    app.clock.advance(DAY);
    await people[2]!.post('/keep');
    await app.browser().get('/');
    expect(await uniques()).toEqual([3, 2, 1]);
  });

  it('are paged, most hits first, and each once', async () => {
    const app = await start({ controllers, hits: { maxRoutes: 3, maxAgents: 2 } });
    const client = app.browser();
    for (const [path, times] of Object.entries({ '/': 3, '/nowhere': 2 }))
      for (let n = 0; n < times; n++) await client.get(path);
    await client.post('/keep');
    await client.post('/leave');
    await client.request('HEAD', '/');
    const all = (await app.hits.routes()).items;
    expect(all.map(({ method, route, total }) => [method, route, total])).toEqual([
      ['GET', '/', 3],
      ['GET', '(unmatched)', 2],
      ['HEAD', '(other)', 1],
      ['POST', '/keep', 1],
      ['POST', '/leave', 1],
    ]);
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await app.hits.routes({}, { limit: 2, cursor });
      paged.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(all);
    expect((await app.hits.routes({}, { limit: 5 })).next).toBeNull();
    for (const wrong of ['x', Buffer.from('["hit_agents",1,"x"]').toString('base64url')])
      await expect(app.hits.routes({}, { cursor: wrong })).rejects.toBeInstanceOf(BadCursorError);
    for (const agent of ['a/1', 'b/1', 'c/1', 'd/1']) await app.browser(agent).get('/');
    const families = (await app.hits.agents()).items.map(({ family, bot, total }) => [family, bot, total]);
    expect(families).toEqual([
      ['Firefox', false, 8],
      ['(other)', true, 3],
      ['a', true, 1],
    ]);
  });

  it('expire by hour before they do by day, and never in all', async () => {
    const app = await start({ controllers, hits: { retention: '2d', dailyRetention: '5d' } });
    const begin = app.clock.now();
    await app.browser().get('/');
    const seen = async (by: 'hour' | 'day') => {
      const { items } = await app.hits.series({ from: begin, to: begin + DAY, by });
      return items.reduce((sum, { total }) => sum + total, 0);
    };
    const inRange = async () => (await app.hits.routes({ from: begin, to: begin + HOUR })).items.length;
    for (const [days, hours, daily, routes] of [
      [2, 1, 1, 1],
      [3, 0, 1, 1],
      [6, 0, 0, 0],
    ] as const) {
      app.clock.advance(begin + days * DAY - app.clock.now());
      if (storage.name !== 'MongoDB') await app.sweeper.sweep();
      const expected = storage.name === 'MongoDB' ? [1, 1, 1] : [hours, daily, routes];
      expect([await seen('hour'), await seen('day'), await inRange()]).toEqual(expected);
    }
    expect(await app.hits.total()).toBe(1);
  });
});

onEveryPlatform('Two applications on one store', (start, { storage }) => {
  it('count together', async () => {
    if (!storage.isShared) return;
    const apps = [await start({ controllers }), await start({ controllers })];
    const visit = (app: HitsApp, n: number) => app.browser(n % 2 ? FIREFOX : 'curl/8').get(n % 5 ? '/' : `/no-${n}`);
    await Promise.all(Array.from({ length: 250 }, (_, n) => visit(apps[n % 2]!, n)));
    for (const app of apps) await app.hits.routes();
    for (const app of apps) {
      expect(await app.hits.total()).toBe(250);
      expect(await app.counted()).toEqual(['GET (unmatched) 4xx=50', 'GET / 2xx=200']);
    }
  });
});

function handleOf(client: BrowserClient): string {
  return client.cookies.get('sid')!.slice(0, 22);
}
