import { expect, it } from '@jest/globals';
import type { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { Latch, until } from '../../support/latch.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

const CONTROLS = [
  'id',
  'cookie',
  'regenerate',
  'rotate',
  'destroy',
  'clear',
  'increment',
  'lock',
  'reload',
  'save',
  'touch',
];
const WEIRD_KEYS = [
  '__proto__',
  '',
  'constructor',
  'prototype',
  'a.b',
  '$set',
  '0',
  'toJSON',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'then',
  'näme 🍪',
];

const show = (_: HandlerRequest, session: Session) => session;

onEveryPlatform('session values', (start) => {
  it('may have any key that is no control', async () => {
    const controller = actions({
      put: (_, session) => void WEIRD_KEYS.forEach((key) => (session[key] = `value of ${key}`)),
      look: (_, session) => WEIRD_KEYS.map((key) => [key, session[key], Object.hasOwn(session, key)]),
      drop: (_, session) => void WEIRD_KEYS.forEach((key) => delete session[key]),
      show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    expect((await visitor.get('/look')).json()).toEqual(WEIRD_KEYS.map((key) => [key, `value of ${key}`, true]));
    await visitor.get('/drop');
    expect((await visitor.get('/show')).text).toBe('{}');
  });

  it('do not touch any prototype', async () => {
    const controller = actions({
      poison: (_, session) => void (session['__proto__'] = { isAdmin: true }),
      look: (_, session) => [({} as Record<string, unknown>).isAdmin, session.isAdmin, session['__proto__']],
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/poison');
    expect((await visitor.get('/look')).json()).toEqual([null, null, { isAdmin: true }]);
  });

  it('are alone in enumeration, spread and JSON', async () => {
    const controller = actions({
      put: (_, session) => void Object.assign(session, { a: 1, b: [2] }),
      look(_, session) {
        const walked: string[] = [];
        for (const key in session) walked.push(key);
        return {
          walked,
          keys: Object.keys(session),
          spread: { ...session },
          json: JSON.stringify(session),
          entries: Object.entries(session),
        };
      },
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    expect((await visitor.get('/look')).json()).toEqual({
      walked: ['a', 'b'],
      keys: ['a', 'b'],
      spread: { a: 1, b: [2] },
      json: '{"a":1,"b":[2]}',
      entries: [
        ['a', 1],
        ['b', [2]],
      ],
    });
  });

  it('cannot take the name of a control', async () => {
    const controller = actions({
      assign: (_, session) =>
        CONTROLS.map((name) => {
          try {
            session[name] = 1;
            return `${name} was replaced`;
          } catch (error) {
            return error instanceof TypeError && error.message.includes(`session.${name} `)
              ? 'TypeError'
              : String(error);
          }
        }),
      show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    expect((await visitor.get('/assign')).json()).toEqual(CONTROLS.map(() => 'TypeError'));
    expect((await visitor.get('/show')).text).toBe('{}');
  });

  it('cannot come under the name of a control by a way round the object', async () => {
    const controller = actions({
      put: (_, session) => void (session.n = 1),
      increment: (_, session) => session.increment('save').then(String, (error: Error) => error.name),
      show,
    });
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    await visitor.get('/put');
    expect((await visitor.get('/increment')).text).toBe('TypeError');
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    await expect(app.sessions.createForUser('u', { data: { cookie: 1 } })).rejects.toThrow(/session\.cookie/);
  });

  it('are noticed when they change deep inside', async () => {
    const controller = actions({
      put: (_, session) => void (session.cart = { items: [{ n: 1 }] }),
      change: (_, session) => void (session.cart as { items: object[] }).items.push({ n: 2 }),
      show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    await visitor.get('/change');
    expect((await visitor.get('/show')).json()).toEqual({ cart: { items: [{ n: 1 }, { n: 2 }] } });
  });

  it('vanish when they are set to undefined', async () => {
    const controller = actions({
      put: (_, session) => void Object.assign(session, { a: 1, b: 2 }),
      drop: (_, session) => void (session.a = undefined),
      show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    await visitor.get('/drop');
    expect((await visitor.get('/show')).json()).toEqual({ b: 2 });
  });

  it('are copies: what one request does to an object, another does not see before it is saved', async () => {
    const latch = new Latch();
    let entered = false;
    const controller = actions({
      put: (_, session) => void (session.list = [1]),
      async slow(_, session) {
        (session.list as number[]).push(2);
        entered = true;
        await latch.opened;
      },
      show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    const slow = visitor.get('/slow');
    await until('the slow request is in its handler', () => entered);
    expect((await visitor.get('/show')).json()).toEqual({ list: [1] });
    latch.open();
    await slow;
    expect((await visitor.get('/show')).json()).toEqual({ list: [1, 2] });
  });

  it('of a session that was regenerated away save nothing', async () => {
    const controller = actions({
      async old(request, session) {
        session.before = 1;
        await session.regenerate();
        session.late = 1;
        await session.save();
        (request.session as Session).after = 1;
      },
      show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/old');
    expect((await visitor.get('/show')).json()).toEqual({ after: 1 });
  });

  it('go with each of two requests that regenerate at once into a session of its own', async () => {
    const latch = new Latch();
    let waiting = 0;
    const controller = actions({
      put: (_, session) => void (session.user = 'ada'),
      async regenerate(request, session) {
        waiting++;
        await latch.opened;
        await session.regenerate({ keep: request.headers['x-keep'] === 'yes' });
        (request.session as Session).mine = request.headers['x-mine'];
      },
      show,
    });
    const { browser, sessions } = await start({ controllers: [controller] });
    for (const keep of ['yes', 'no']) {
      const visitor = browser();
      await visitor.get('/put');
      const cookie = `sid=${visitor.cookies.get('sid')}`;
      const both = ['first', 'second'].map((mine) => browser({ cookie, 'x-keep': keep, 'x-mine': mine }));
      const before = waiting;
      const answers = both.map((client) => client.get('/regenerate'));
      await until('both are in their handlers', () => waiting === before + 2);
      latch.open();
      await Promise.all(answers);
      const shown = await Promise.all(
        both.map(async (client) => (await browser({ cookie: `sid=${client.cookies.get('sid')}` }).get('/show')).json()),
      );
      expect(shown.map(({ mine }) => mine)).toEqual(['first', 'second']);
      expect(shown.filter(({ user }) => user === 'ada')).toHaveLength(keep === 'yes' ? 1 : 0);
    }
    expect(await sessions.count()).toBe(4);
  });
});
