import { expect, it } from '@jest/globals';
import { ForbiddenException, InternalServerErrorException } from '@nestjs/common';
import type { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { MINUTE, SECOND } from '../../support/apps/fake-clock.js';
import { Latch } from '../../support/latch.js';
import { onEveryCombination } from '../../support/apps/session-app.js';

const show = (_: HandlerRequest, session: Session) => session;
const put = (_: HandlerRequest, session: Session) => ((session.n = 1), 'put');

/** Handlers that all read before the first of them writes. */
function together(count: number, write: (request: HandlerRequest, session: Session) => unknown) {
  const latch = new Latch();
  let inside = 0;
  return async (request: HandlerRequest, session: Session) => {
    if (++inside === count) latch.open();
    await latch.opened;
    return write(request, session);
  };
}

onEveryCombination('writing', (start) => {
  it('100 different keys at once keeps them all', async () => {
    const controller = actions({
      put,
      show,
      set: together(100, (request, session) => void (session[`key ${request.headers['x-key']}`] = 1)),
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    await Promise.all(
      Array.from({ length: 100 }, (_, key) => visitor.get('/set', { headers: { 'x-key': String(key) } })),
    );
    expect(Object.keys((await visitor.get('/show')).json())).toHaveLength(101);
  });

  it('the same key at once keeps one of the values, and the version rises with each', async () => {
    const controller = actions({
      put,
      show,
      set: together(10, (request, session) => void (session.n = Number(request.headers['x-key']))),
    });
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    await visitor.get('/put');
    await Promise.all(
      Array.from({ length: 10 }, (_, key) => visitor.get('/set', { headers: { 'x-key': String(key + 10) } })),
    );
    const snapshot = await app.sessions.read(visitor.cookies.get('sid')!.slice(0, 22));
    expect(snapshot).toMatchObject({ version: 11 });
    expect(Number(snapshot!.data.n)).toBeGreaterThanOrEqual(10);
  });

  it('the same key at once is 409 for all but one, where conflicts are refused', async () => {
    const controller = actions({
      put,
      show,
      set: together(5, (request, session) => void (session.n = `value ${request.headers['x-key']}`)),
      other: (_, session) => void (session.other = 1),
    });
    const app = await start({ controllers: [controller], session: { conflict: 'reject' } });
    const visitor = app.browser();
    await visitor.get('/put');
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, key) => visitor.get('/set', { headers: { 'x-key': String(key) } })),
    );
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(4);
    for (const answer of refused) expect(answer.json()).toMatchObject({ code: 'conflict', status: 409 });
    expect(app.events.filter(({ name }) => name === 'session.conflict')).toHaveLength(4);
    expect((await visitor.get('/other')).status).toBe(200);
    expect((await visitor.get('/show')).json()).toMatchObject({ other: 1, n: expect.stringMatching(/^value \d$/) });
  });

  it('by increment loses none of 200, and none of them waits for another', async () => {
    const controller = actions({ put, show, add: together(200, (_, session) => session.increment('n').then(String)) });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    const answers = await Promise.all(Array.from({ length: 200 }, () => visitor.get('/add')));
    expect(new Set(answers.map(({ text }) => Number(text)))).toEqual(
      new Set(Array.from({ length: 200 }, (_, n) => n + 2)),
    );
    expect((await visitor.get('/show')).json()).toEqual({ n: 201 });
  });

  it('by increment stays, whatever becomes of the request; what is no number stays too', async () => {
    const controller = actions({
      put,
      show,
      fail: async (_, session) => {
        session.lost = 1;
        await session.increment('n', 2.5);
        throw new InternalServerErrorException();
      },
      first: (_, session) => session.increment('visits').then(String),
      word: async (_, session) => {
        session.word = 'one';
        await session.save();
        return session.increment('word').then(String, (error: Error) => error.name);
      },
      wrong: (_, session) => session.increment('n', Number.NaN).then(String, (error: Error) => error.name),
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    expect((await visitor.get('/first')).text).toBe('1');
    await visitor.get('/put');
    expect((await visitor.get('/fail')).status).toBe(500);
    expect((await visitor.get('/word')).text).toBe('TypeError');
    expect((await visitor.get('/wrong')).text).toBe('TypeError');
    expect((await visitor.get('/show')).json()).toEqual({ n: 3.5, visits: 1, word: 'one' });
  });

  it('too much is 413, and the data before stays', async () => {
    const controller = actions({
      put,
      show,
      grow: (_, session) => ((session.text = 'x'.repeat(2000)), 'grown'),
      fits: (_, session) => ((session.text = 'é'.repeat((1024 - '{"n":1,"text":""}'.length) / 2)), 'fits'),
    });
    const app = await start({ controllers: [controller], session: { maxDataBytes: '1kb' } });
    const visitor = app.browser();
    const first = await visitor.get('/grow');
    expect([first.status, first.setCookies, await app.sessions.count()]).toEqual([413, [], 0]);
    await visitor.get('/put');
    const answer = await visitor.get('/grow');
    expect([answer.status, answer.json().code, answer.headers.get('content-type')]).toEqual([
      413,
      'session_too_large',
      'application/problem+json; charset=utf-8',
    ]);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    expect((await visitor.get('/fits')).status).toBe(200);
  });

  it('stays with 4xx, not with 5xx unless told', async () => {
    const controller = actions({
      put,
      show,
      forbid: (_, session) => {
        session.forbidden = 1;
        throw new ForbiddenException();
      },
      fail: (_, session) => {
        session.failed = 1;
        throw new Error('on purpose');
      },
    });
    for (const [saveOnError, kept] of [
      [false, { n: 1, forbidden: 1 }],
      [true, { n: 1, forbidden: 1, failed: 1 }],
    ] as const) {
      const visitor = (await start({ controllers: [controller], session: { saveOnError } })).browser();
      expect((await visitor.get('/fail')).setCookies).toHaveLength(saveOnError ? 1 : 0);
      await visitor.get('/put');
      expect((await visitor.get('/forbid')).status).toBe(403);
      expect((await visitor.get('/fail')).status).toBe(500);
      expect((await visitor.get('/show')).json()).toEqual(kept);
    }
  });

  it('what is no JSON fails, with its place named, and saves nothing', async () => {
    const circle: Record<string, unknown> = { a: [] };
    (circle.a as unknown[]).push(circle);
    const values: Record<string, readonly [value: unknown, place: string]> = {
      big: [1n, ''],
      circle: [circle, '.a[0]'],
      function: [() => 1, ''],
      symbol: [Symbol('x'), ''],
      map: [new Map([[1, 2]]), ''],
      set: [{ deep: [1, new Set([1])] }, '.deep[1]'],
      regexp: [/x/, ''],
      error: [{ cause: new TypeError('x') }, '.cause'],
      nan: [Number.NaN, ''],
      infinity: [[{ n: Number.POSITIVE_INFINITY }], '[0].n'],
      method: [{ 'a method': () => 1 }, '["a method"]'],
      bytes: [new Uint8Array(2), ''],
      buffer: [{ raw: new ArrayBuffer(2) }, '.raw'],
      promise: [Promise.resolve(1), ''],
      query: [new URLSearchParams('a=1'), ''],
      hole: [[1, undefined], '[1]'],
      match: ['b'.match(/b/), ''],
      hidden: [
        new (class Money {
          readonly #amount = 1;
          get amount() {
            return this.#amount;
          }
        })(),
        '',
      ],
    };
    const controller = actions({
      put: (_, session) => void (session.user = { name: 'ada' }),
      show,
      odd: (request, session) => (
        (session.fine = 1),
        (session[`the ${request.headers['x-key']}`] = values[request.headers['x-key']!]![0]),
        'odd'
      ),
      'inside an unchanged value': (_, session) => void ((session.user as { hi?: object }).hi = () => 'hello'),
    });
    const app = await start({ controllers: [controller], session: { doctor: true } });
    const [visitor, stranger] = [app.browser(), app.browser()];
    await visitor.get('/put');
    for (const [key, [, place]] of Object.entries(values)) {
      for (const client of [visitor, stranger]) {
        const answer = await client.get('/odd', { headers: { 'x-key': key } });
        expect([key, answer.status, answer.json().code]).toEqual([key, 500, 'session_not_json']);
        expect(answer.json().detail).toContain(`${JSON.stringify(`the ${key}${place}`)} `);
        expect(answer.setCookies).toEqual([]);
      }
    }
    expect((await visitor.get('/inside%20an%20unchanged%20value')).json().detail).toContain('"user.hi" is a function');
    expect((await visitor.get('/show')).json()).toEqual({ user: { name: 'ada' } });
    expect(await app.sessions.count()).toBe(1);
  });

  it('what JSON.stringify is told by the value itself, and what is only absent, is kept as it says', async () => {
    class Point {
      constructor(readonly x: number) {}
    }
    const controller = actions({
      put: (_, session) =>
        void Object.assign(session, {
          at: new Date(0),
          at_home: { toJSON: () => 'home' },
          point: new Point(1),
          boxed: Object(1) as object,
          bare: Object.assign(Object.create(null) as object, { a: 1 }),
          gone: { a: undefined, b: null },
          bytes: Buffer.from('a'),
        }),
      show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    expect((await visitor.get('/put')).status).toBe(200);
    expect((await visitor.get('/show')).json()).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      at_home: 'home',
      point: { x: 1 },
      boxed: 1,
      bare: { a: 1 },
      gone: { b: null },
      bytes: { type: 'Buffer', data: [97] },
    });
  });

  it('what is nested too deeply for databases is 413, and saves nothing', async () => {
    const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;
    const controller = actions({
      put: (request, session) => void (session.deep = nested(Number(request.headers['x-levels']))),
      save: async (_, session) => {
        session.deep = nested(501);
        await session.save();
      },
      map: async (_, session) => {
        session.map = new Map();
        await session.save();
      },
    });
    const app = await start({ controllers: [controller] });
    const put = (levels: number) => app.browser({ 'x-levels': String(levels) }).get('/put');
    expect((await put(500)).status).toBe(200);
    for (const levels of [501, 4_000, 12_000]) {
      const answer = await put(levels);
      expect([levels, answer.status, answer.json().code]).toEqual([levels, 413, 'session_too_large']);
    }
    // As well where the handler saves by itself.
    const [save, map] = [await app.browser().get('/save'), await app.browser().get('/map')];
    expect([save.status, save.json().code, map.status, map.json().code]).toEqual([
      413,
      'session_too_large',
      500,
      'session_not_json',
    ]);
    expect(await app.sessions.count()).toBe(1);
  });

  it('happens once in a touch interval for those who only read, and never more than needed', async () => {
    const controller = actions({ put, show, same: put });
    const app = await start({ controllers: [controller], session: { touchInterval: '1m' } });
    const visitor = app.browser();
    await visitor.get('/put');
    expect(app.store.take()).toEqual(['insert']);
    for (let second = 0; second < 59; second++) {
      app.clock.advance(SECOND);
      await visitor.get(second % 2 === 0 ? '/show' : '/same');
    }
    expect(app.store.take().filter((call) => call !== 'read')).toEqual([]);
    app.clock.advance(SECOND);
    await visitor.get('/show');
    await visitor.get('/show');
    expect(app.store.take()).toEqual(['read', 'update', 'read']);
    app.clock.advance(5 * MINUTE);
    await visitor.get('/no/where');
    expect(app.store.take()).toEqual(['read', 'update']);
  });

  it('happens as often where the clock is behind that of the process which created the session', async () => {
    const app = await start({
      controllers: [actions({ put, show })],
      session: { touchInterval: '1m', idleTimeout: '30m' },
    });
    const visitor = app.browser();
    await visitor.get('/put');
    const handle = visitor.cookies.get('sid')!.slice(0, 22);
    const { createdAt } = (await app.sessions.read(handle))!;
    app.store.take();
    app.clock.advance(-5 * MINUTE);
    for (let n = 0; n < 3; n++) await visitor.get('/show');
    expect(app.store.take().filter((call) => call !== 'read')).toEqual(['update']);
    const behind = app.clock.now() + 30 * MINUTE;
    expect(await app.sessions.read(handle)).toMatchObject({ createdAt, lastSeenAt: createdAt, idleExpiresAt: behind });
    const { items } = await app.sessions.find({ lastSeenBefore: createdAt + 1 }, { limit: 2 });
    expect(items.map((session) => session.handle)).toEqual([handle]);
    app.clock.advance(MINUTE);
    await visitor.get('/show');
    expect(app.store.take()).toContain('update');
  });

  it('never happens for those who only read and say that nobody is there, so that they keep no session alive', async () => {
    const touch = (_: HandlerRequest, session: Session) => session.touch().then(() => 'touched');
    const controller = actions({ put, show, touch, add: (_, session) => void (session.m = 2) });
    const app = await start({ controllers: [controller], session: { idleTimeout: '30m' } });
    const visitor = app.browser();
    await visitor.get('/put');
    const handle = visitor.cookies.get('sid')!.slice(0, 22);
    const idleEnd = async () => (await app.sessions.read(handle))?.idleExpiresAt;
    const passive = { headers: { 'x-session-passive': '1' } };
    const before = await idleEnd();
    app.clock.advance(15 * MINUTE);
    expect((await visitor.get('/show', passive)).json()).toEqual({ n: 1 });
    // What it changes is saved all the same.
    await visitor.get('/add', passive);
    expect((await app.sessions.read(handle))!.data).toEqual({ n: 1, m: 2 });
    expect(await idleEnd()).toBe(before);
    await visitor.get('/touch', passive);
    expect(await idleEnd()).toBe(before! + 15 * MINUTE);
    app.clock.advance(10 * MINUTE);
    await visitor.get('/show', { headers: { 'x-session-passive': '0' } });
    expect(await idleEnd()).toBe(before! + 25 * MINUTE);
    app.clock.advance(30 * MINUTE);
    expect((await visitor.get('/show', passive)).json()).toEqual({});
  });
});
