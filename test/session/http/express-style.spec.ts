import { expect, it } from '@jest/globals';
import { promisify } from 'node:util';
import { Controller, Get, Req, Session as NestSession } from '@nestjs/common';
import { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

type Control = (callback: (error?: unknown) => void) => void;
const byCallback = (session: Session, control: 'regenerate' | 'save' | 'reload' | 'destroy' | 'touch' | 'rotate') =>
  promisify((session[control] as Control).bind(session))();

const basics = {
  put: (_: HandlerRequest, session: Session) => void (session.cart = ['book']),
  show: (_: HandlerRequest, session: Session) => session,
  id: (request: HandlerRequest, session: Session) => ({ id: session.id, sessionID: request.sessionID }),
};

onEveryPlatform('the express-session calling style', (start, { platform }) => {
  for (const style of ['callbacks', 'promises'] as const) {
    const call = async (session: Session, control: Parameters<typeof byCallback>[1]) =>
      style === 'callbacks' ? byCallback(session, control) : void (await session[control]());

    it(`regenerates with ${style}: an empty session, a new id, a new object`, async () => {
      const controller = actions({
        ...basics,
        async regenerate(request, session) {
          const before = session.id;
          await call(session, 'regenerate');
          const after = request.session as Session;
          return { isNew: after !== session, keeps: session.cart, after: { ...after }, idMoved: after.id !== before };
        },
      });
      const { browser, sessions } = await start({ controllers: [controller] });
      const visitor = browser();
      await visitor.get('/put');
      const before = (await visitor.get('/id')).json();
      expect((await visitor.get('/regenerate')).json()).toEqual({
        isNew: true,
        keeps: ['book'],
        after: {},
        idMoved: true,
      });
      expect((await visitor.get('/id')).json()).not.toEqual(before);
      expect((await visitor.get('/show')).json()).toEqual({});
      expect(await sessions.read(String(before.id))).toBeNull();
    });

    it(`saves with ${style}: stored before the answer`, async () => {
      const controller = actions({
        ...basics,
        async save(request, session) {
          session.n = 1;
          await call(session, 'save');
          return app.sessions.read(request.sessionID!);
        },
      });
      const app = await start({ controllers: [controller] });
      expect((await app.browser().get('/save')).json()).toMatchObject({ data: { n: 1 } });
    });

    it(`reloads with ${style}: unsaved changes are dropped`, async () => {
      const controller = actions({
        ...basics,
        async reload(_, session) {
          session.cart = 'changed';
          session.other = 1;
          await call(session, 'reload');
          return session;
        },
      });
      const visitor = (await start({ controllers: [controller] })).browser();
      await visitor.get('/put');
      expect((await visitor.get('/reload')).json()).toEqual({ cart: ['book'] });
      expect((await visitor.get('/show')).json()).toEqual({ cart: ['book'] });
    });

    it(`destroys with ${style}: no session for the rest of the request, and the next one afresh`, async () => {
      const controller = actions({
        ...basics,
        async destroy(request, session) {
          await call(session, 'destroy');
          session.late = true;
          await session.save();
          return { session: String(request.session), id: String(request.sessionID) };
        },
      });
      const { browser, sessions } = await start({ controllers: [controller] });
      const visitor = browser();
      await visitor.get('/put');
      const answer = await visitor.get('/destroy');
      expect(answer.json()).toEqual({ session: 'undefined', id: 'undefined' });
      expect(answer.setCookies).toEqual([
        'sid=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax',
      ]);
      expect(await sessions.count()).toBe(0);
      expect((await visitor.get('/show')).json()).toEqual({});
    });
  }

  it('hands errors to the callback', async () => {
    const controller = actions({
      ...basics,
      async ended(request, session) {
        await app.sessions.end(request.sessionID!);
        return byCallback(session, 'reload').then(
          () => 'no error',
          (error: { code: string }) => error.code,
        );
      },
    });
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    await visitor.get('/put');
    expect((await visitor.get('/ended')).text).toBe('session_ended');
  });

  it('knows one session by every name', async () => {
    @Controller()
    class NamesController {
      @Get('names')
      names(@Req() request: HandlerRequest, @NestSession() nest: unknown, @Session() ours: Session): unknown {
        ours.seen = true;
        return [nest === ours, request.session === ours, request.sessionID === ours.id];
      }
    }
    const visitor = (await start({ controllers: [NamesController] })).browser();
    const first = await visitor.get('/names');
    expect(first.json()).toEqual([true, true, true]);
    expect((await visitor.get('/names')).json()).toEqual([true, true, true]);
  });

  it('has its id before it is stored, and keeps it', async () => {
    const visitor = (
      await start({
        controllers: [actions({ ...basics, first: (_, session) => ((session.n = 1), { id: session.id }) })],
      })
    ).browser();
    const { id } = (await visitor.get('/first')).json();
    expect(visitor.cookies.get('sid')?.split('.')[0]).toBe(id);
    expect((await visitor.get('/id')).json()).toEqual({ id, sessionID: id });
  });

  it('has another id after regenerating, stored or not', async () => {
    const controller = actions({
      async fresh(request, session) {
        const before = session.id;
        await session.regenerate();
        return before === request.sessionID;
      },
    });
    expect((await (await start({ controllers: [controller] })).browser().get('/fresh')).text).toBe('false');
  });

  it('ends with the answer when set to null', async () => {
    const controller = actions({ ...basics, end: (request) => ((request.session = null), String(request.session)) });
    const { browser, sessions } = await start({ controllers: [controller] });
    const visitor = browser();
    await visitor.get('/put');
    const answer = await visitor.get('/end');
    expect(answer.text).toBe('undefined');
    expect(answer.setCookies[0]).toContain('Max-Age=0');
    expect(await sessions.count()).toBe(0);
  });

  it('cannot be replaced by an object of one’s own', async () => {
    const controller = actions({ replace: (request) => Reflect.set(request, 'session', { admin: true }) });
    const visitor = (await start({ controllers: [controller] })).browser();
    expect((await visitor.get('/replace')).status).toBe(500);
  });

  it('regenerates with all or some of its data', async () => {
    const controller = actions({
      fill: (_, session) => void Object.assign(session, { a: 1, b: 2, c: 3 }),
      some: async (_, session) => void (await session.regenerate({ keep: ['a', 'c', 'toString'] })),
      all: async (_, session) => void (await session.regenerate({ keep: true })),
      show: basics.show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/fill');
    await visitor.get('/all');
    expect((await visitor.get('/show')).json()).toEqual({ a: 1, b: 2, c: 3 });
    await visitor.get('/some');
    expect((await visitor.get('/show')).json()).toEqual({ a: 1, c: 3 });
  });

  it('has get and set where plugins of Fastify look for them, and takes them as data all the same', async () => {
    type Flashing = Session & { get?(key: string): unknown; set?(key: string, value: unknown): void };
    const controller = actions({
      // What `@fastify/flash` does.
      flash: (request) => {
        const session = request.session as Flashing;
        const flash = session.get?.('flash') as Record<string, string[]> | undefined;
        session.set?.('flash', { ...flash, info: [...(flash?.info ?? []), 'saved'] });
        return { flash: flash ?? null, kind: typeof session.get, keys: Object.keys(session), id: session.get?.('id') };
      },
      take: (request) => {
        const session = request.session as Flashing;
        const flash = session.get?.('flash') ?? null;
        session.set?.('flash', {});
        return { flash };
      },
      own: (_, session) => void Object.assign(session, { get: 'got', set: 'put' }),
      show: basics.show,
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    const isFastify = platform === 'fastify';
    const first = { flash: null, kind: isFastify ? 'function' : 'undefined', keys: isFastify ? ['flash'] : [] };
    expect((await visitor.get('/flash')).json()).toEqual(first);
    await visitor.get('/flash');
    expect((await visitor.get('/take')).json()).toEqual({ flash: isFastify ? { info: ['saved', 'saved'] } : null });
    await visitor.get('/own');
    expect((await visitor.get('/show')).json()).toEqual({ ...(isFastify && { flash: {} }), get: 'got', set: 'put' });
  });
});
