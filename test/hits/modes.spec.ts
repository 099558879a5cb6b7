import { Controller, Get, Post } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import type { HitBatch } from 'nest-gatehouse/hits/storage';
import { Session } from 'nest-gatehouse/session';
import { Latch, until } from '../support/latch.js';
import { Pause } from '../support/pause.js';
import { onEveryPlatform, type HitsApp } from './support/hits-app.js';

const slow = { entered: new Latch(), go: new Latch() };

@Controller()
class ValuesController {
  @Get()
  look() {
    return {};
  }

  @Get('slow')
  async slow() {
    slow.entered.open();
    await slow.go.opened;
    return {};
  }

  @Get('broken')
  broken() {
    throw new Error('broken');
  }

  @Post('keep')
  keep(@Session() session: Session<{ kept?: number }>) {
    session.kept = 1;
    return {};
  }
}

const controllers = [ValuesController];
/** So that nothing is written unless it is asked for. */
const RARELY = { flushInterval: '1m' } as const;

/** What is in the store now, whatever is in any buffer. */
async function stored({ store }: HitsApp): Promise<number> {
  const { people, bots } = await store.total();
  return people + bots;
}

/** The batches that the store is sent, and whether it fails. */
function watch(app: HitsApp) {
  const { store } = app;
  const add = store.add.bind(store);
  const watched = { sent: [] as HitBatch[], mood: 'well' as 'well' | 'fails' | 'loses the answer' };
  store.add = async (batch) => {
    watched.sent.push(batch);
    if (watched.mood === 'fails') throw new Error('the disk is on fire');
    await add(batch);
    if (watched.mood === 'loses the answer') throw new Error('the line is cut');
  };
  return watched;
}

onEveryPlatform('Hits in the mode buffered', (start, { storage }) => {
  it('are written together, and told before that', async () => {
    const app = await start({ controllers, hits: { flushInterval: '50ms' } });
    const { sent } = watch(app);
    await Promise.all(Array.from({ length: 200 }, () => app.browser().get('/')));
    expect(await app.hits.total()).toBe(200);
    await until('all are written', async () => (await stored(app)) === 200);
    expect(sent.length).toBeLessThan(100);
    expect(await app.hits.total()).toBe(200);
  });

  it('are written at the stop, those of requests under way too', async () => {
    Object.assign(slow, { entered: new Latch(), go: new Latch() });
    const app = await start({ controllers, hits: RARELY });
    for (let n = 0; n < 50; n++) await app.browser().get('/');
    expect(await stored(app)).toBe(0);
    const { sent } = watch(app);
    // This test's applications cut what is open when they close.
    const last = app
      .browser()
      .get('/slow')
      .catch(() => 'cut');
    await slow.entered.opened;
    await app.close();
    slow.go.open();
    expect(await last).toBe('cut');
    expect(sent.map(({ hours }) => hours[0]?.people)).toEqual([50, 1]);
    if (!storage.isShared) return;
    expect(await (await start({ controllers })).counted()).toEqual(['GET / 2xx=50', 'GET /slow aborted=1']);
  });

  it('wait in memory for a store that fails, and no request notices', async () => {
    const app = await start({ controllers, hits: RARELY });
    const watched = watch(app);
    const visit = async (times: number) => {
      for (let n = 0; n < times; n++) expect((await app.browser().get('/')).status).toBe(200);
    };
    watched.mood = 'fails';
    for (let round = 0; round < 3; round++) {
      await visit(10);
      await app.hits.routes();
      expect(await stored(app)).toBe(0);
    }
    expect(await app.hits.total()).toBe(30);
    watched.mood = 'well';
    await app.hits.routes();
    expect(await stored(app)).toBe(30);
    expect(await app.hits.total()).toBe(30);
  });

  it('are counted once where the store had added them, and its answer was lost', async () => {
    const app = await start({ controllers, hits: RARELY });
    const watched = watch(app);
    watched.mood = 'loses the answer';
    for (let round = 0; round < 3; round++) {
      await app.browser().get('/');
      await app.browser().post('/keep');
      await app.hits.routes();
    }
    watched.mood = 'well';
    await app.hits.routes();
    expect(await stored(app)).toBe(6);
    expect(await app.counted()).toEqual(['GET / 2xx=3', 'POST /keep 2xx=3']);
    const { items } = await app.hits.series({ by: 'day' });
    expect(items.at(-1)).toMatchObject({ total: 6, uniques: 3 });
  });

  it('are neither missed nor told twice while they are written', async () => {
    const app = await start({ controllers, hits: RARELY });
    for (let n = 0; n < 5; n++) await app.browser().get('/');
    for (const when of ['before', 'after'] as const) {
      await app.browser().get('/');
      const pause = new Pause(app.store, 'add', when);
      const written = app.hits.routes();
      await pause.reached;
      const total = app.hits.total();
      await app.browser().get('/');
      pause.goOn();
      await written;
      expect(await total).toBe(when === 'before' ? 7 : 9);
    }
  });
});

onEveryPlatform('Hits in the mode strict', (start) => {
  const strict = { mode: 'strict', ...RARELY } as const;

  it.each([false, true])(
    'are in the store before the client has its answer (HitsModule first: %s)',
    async (hitsFirst) => {
      const app = await start({ controllers, hits: strict, hitsFirst });
      const client = app.browser();
      let count = 0;
      const ask = async (method: string, path: string, status: number) => {
        expect((await client.request(method, path)).status).toBe(status);
        expect([path, await stored(app)]).toEqual([path, ++count]);
      };
      await ask('GET', '/', 200);
      await ask('GET', '/nowhere', 404);
      await ask('GET', '/broken', 500);
      await ask('POST', '/keep', 201);
      await ask('HEAD', '/', 200);
      const { items } = await app.hits.series({ by: 'day' });
      expect(items.at(-1)).toMatchObject({ total: 5, uniques: 1 });
      expect(await app.counted()).toEqual([
        'GET (unmatched) 4xx=1',
        'GET / 2xx=1',
        'GET /broken 5xx=1',
        'HEAD / 2xx=1',
        'POST /keep 2xx=1',
      ]);
    },
  );

  it('share their writes, and each waits for its own', async () => {
    const app = await start({ controllers, hits: strict });
    const { sent } = watch(app);
    const visit = async () => {
      await app.browser().get('/');
      return stored(app);
    };
    const seen = await Promise.all(Array.from({ length: 200 }, visit));
    expect(Math.max(...seen)).toBe(200);
    expect(await stored(app)).toBe(200);
    expect(sent.length).toBeLessThanOrEqual(200);
  });

  it('are answered all the same where the store fails, and counted once it is well', async () => {
    const app = await start({ controllers, hits: strict });
    const watched = watch(app);
    watched.mood = 'fails';
    for (let n = 0; n < 5; n++) expect((await app.browser().get('/')).status).toBe(200);
    expect(watched.sent.length).toBe(1);
    expect(await stored(app)).toBe(0);
    watched.mood = 'well';
    await app.hits.routes();
    expect(await stored(app)).toBe(5);
    await app.browser().get('/');
    expect(await stored(app)).toBe(6);
  });

  it('are written right after the answer where there is no session', async () => {
    const app = await start({ controllers, hits: strict, session: { exclude: ['/slow', '/broken'] } });
    await app.browser().get('/broken');
    await until('it is written', async () => (await stored(app)) === 1);
  });
});
