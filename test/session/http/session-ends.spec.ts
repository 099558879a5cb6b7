import { expect, it } from '@jest/globals';
import type { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { HOUR, MINUTE, SECOND } from '../../support/apps/fake-clock.js';
import { Latch, until } from '../../support/latch.js';
import { onEveryCombination, onEveryPlatform, type SessionApp } from '../../support/apps/session-app.js';

/** How many sessions end under a request; `LOGOUT_ROUNDS=200` is the long form. */
const LOGOUTS = Number(process.env['LOGOUT_ROUNDS'] ?? 50);

const table = {
  put: (_: HandlerRequest, session: Session) => ((session.n = 1), 'put'),
  look: (_: HandlerRequest, session: Session) => session,
  end: (_: HandlerRequest, session: Session) => session.destroy().then(() => 'ended'),
};
const endings = (app: SessionApp) =>
  app.events.flatMap((event) => (event.name === 'session.ended' ? [`${event.reason} ${event.handle}`] : []));
const handleOf = (token: string | undefined) => token!.slice(0, 22);

onEveryPlatform('a session ends', (start, { storage }) => {
  const begin = async (session: Parameters<typeof start>[0]['session'] = {}) => {
    const app = await start({ controllers: [actions(table)], session });
    const visitor = app.browser();
    await visitor.get('/put');
    return { app, visitor, clock: app.clock, handle: handleOf(visitor.cookies.get('sid')) };
  };

  it('after the idle time without a request, swept or not', async () => {
    const { app, visitor, clock, handle } = await begin({ idleTimeout: '30m' });
    for (let turn = 0; turn < 6; turn++) {
      clock.advance(29 * MINUTE);
      expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
    }
    clock.advance(30 * MINUTE);
    expect((await visitor.get('/look')).json()).toEqual({});
    expect(await app.sessions.read(handle)).toBeNull();
    await app.sweeper.sweep();
    await app.sweeper.sweep();
    expect(endings(app)).toEqual([`idle ${handle}`]);
  });

  it('at the absolute end, however busy, across renewals', async () => {
    const { app, visitor, clock, handle } = await begin({
      idleTimeout: '30m',
      absoluteTimeout: '3h',
      renewAfter: '20m',
    });
    for (let turn = 0; turn < 12; turn++) {
      clock.advance(15 * MINUTE - 1);
      expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
    }
    clock.advance(12);
    expect((await visitor.get('/look')).json()).toEqual({});
    await app.sweeper.sweep();
    expect(endings(app)).toEqual([`absolute ${handle}`]);
  });

  it('at the absolute end, regenerated with all it has or not', async () => {
    const app = await start({
      controllers: [actions({ ...table, keep: (_, session) => session.regenerate({ keep: true }).then(() => 'kept') })],
      session: { idleTimeout: '2h', absoluteTimeout: '3h' },
    });
    const visitor = app.browser();
    await visitor.get('/put');
    app.clock.advance(1.9 * HOUR);
    await visitor.get('/keep');
    app.clock.advance(HOUR);
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
    app.clock.advance(0.1 * HOUR);
    expect((await visitor.get('/look')).json()).toEqual({});
  });

  it('by logout, at once and everywhere; ending it again is no error', async () => {
    const { app, visitor } = await begin();
    const token = visitor.cookies.get('sid')!;
    const other = await start({ controllers: [actions(table)] });
    const elsewhere = other.browser({ cookie: `sid=${token}` });
    expect((await elsewhere.get('/look')).json()).toEqual(storage.isShared ? { n: 1 } : {});
    await visitor.get('/end');
    expect((await elsewhere.get('/look')).json()).toEqual({});
    const again = await app.browser({ cookie: `sid=${token}` }).get('/end');
    expect([again.status, again.text]).toEqual([200, 'ended']);
    expect(endings(app)).toEqual([`logout ${handleOf(token)}`]);
  });

  it('by the user’s epoch: all of the user’s sessions, and nobody else’s', async () => {
    const { app, visitor } = await begin();
    const [ada, ada2, bob] = await Promise.all(
      ['ada', 'ada', 'bob'].map((user) => app.sessions.createForUser(user, { data: { user } })),
    );
    const look = async ({ token }: { token: string }) =>
      (await app.browser({ cookie: `sid=${token}` }).get('/look')).json();
    expect(await app.sessions.setUserEpoch('ada', 1)).toBe(1);
    expect([await look(ada!), await look(ada2!), await look(bob!)]).toEqual([{}, {}, { user: 'bob' }]);
    const later = await app.sessions.createForUser('ada', { data: { user: 'ada' } });
    expect(await look(later)).toEqual({ user: 'ada' });
    expect(await app.sessions.endAllOfUser('ada')).toBe(1);
    expect([await look(later), await look(bob!), (await visitor.get('/look')).json()]).toEqual([
      {},
      { user: 'bob' },
      { n: 1 },
    ]);
    await app.sweeper.sweep();
    const revoked = [ada!, ada2!, later].map(({ session }) => `administrator ${session.handle}`);
    expect(endings(app).sort()).toEqual(revoked.sort());
  });

  it('by the user’s own word for all other sessions', async () => {
    const { app } = await begin();
    const [here, there, bob] = await Promise.all(['ada', 'ada', 'bob'].map((user) => app.sessions.createForUser(user)));
    expect(await app.sessions.endOthers('ada', here!.session.handle)).toBe(1);
    expect(await app.sessions.read(there!.session.handle)).toBeNull();
    expect(await app.sessions.read(here!.session.handle)).toMatchObject({ userId: 'ada' });
    expect(await app.sessions.read(bob!.session.handle)).toMatchObject({ userId: 'bob' });
    expect(endings(app)).toEqual([`logout_elsewhere ${there!.session.handle}`]);
  });

  it('when it was not swept for long: one sweep removes all, each told once', async () => {
    const { app, clock } = await begin({ idleTimeout: '10m', absoluteTimeout: '1h' });
    for (let turn = 0; turn < 450; turn++)
      await app.sessions.createForUser(`user ${turn}`, { idleTimeout: turn < 200 ? MINUTE : 2 * HOUR });
    clock.advance(HOUR);
    expect(await app.sweeper.sweep()).toBe(451);
    expect(await app.sweeper.sweep()).toBe(0);
    const reasons = endings(app).map((ending) => ending.split(' ')[0]);
    expect(reasons.filter((reason) => reason === 'idle')).toHaveLength(201);
    expect(reasons.filter((reason) => reason === 'absolute')).toHaveLength(250);
    expect(new Set(endings(app)).size).toBe(451);
  });

  it('not later than the jump when the clock goes forth and back', async () => {
    const { visitor, clock } = await begin({ idleTimeout: '30m', absoluteTimeout: '2h' });
    clock.advance(-5 * HOUR);
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
    clock.advance(29 * MINUTE);
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
    clock.advance(31 * MINUTE);
    expect((await visitor.get('/look')).json()).toEqual({});
    clock.advance(-10 * SECOND);
    await visitor.get('/put');
    clock.advance(10 * HOUR);
    expect((await visitor.get('/look')).json()).toEqual({});
  });
});

onEveryCombination('a session that ends under a running request', (start) => {
  it('is 401 session_ended to those that changed it, and to nobody else', async () => {
    const latch = new Latch();
    let inside = 0;
    const enter = async () => (inside++, await latch.opened);
    const controller = actions({
      ...table,
      change: async (_, session) => (await enter(), (session.n = 2), 'changed'),
      only: async (_, session) => (await enter(), String(session.n)),
      blind: async () => (await enter(), 'blind'),
    });
    const app = await start({ controllers: [controller], session: { renewAfter: '1s' } });
    const visitor = app.browser();
    await visitor.get('/put');
    const token = visitor.cookies.get('sid')!;
    app.clock.advance(10 * SECOND);
    const answers = ['change', 'only', 'blind'].map((path) => app.browser({ cookie: `sid=${token}` }).get(`/${path}`));
    await until('all are in their handlers', () => inside === 3);
    await app.sessions.end(handleOf(token));
    latch.open();
    const [change, only, blind] = await Promise.all(answers);
    expect([change!.status, change!.json().code]).toEqual([401, 'session_ended']);
    expect([only!.status, only!.text, blind!.status, blind!.text]).toEqual([200, '1', 200, 'blind']);
    expect([change, only, blind].flatMap((answer) => answer!.setCookies)).toEqual([]);
  });

  it('is never revived by slow writes, each after a logout', async () => {
    const latches = new Map<string, Latch>();
    let inside = 0;
    const controller = actions({
      ...table,
      async slow(request, session) {
        inside++;
        await latches.get(request.headers['x-turn']!)!.opened;
        session.n = 2;
        return 'slow';
      },
    });
    const app = await start({ controllers: [controller] });
    const round = async (turn: number) => {
      const visitor = app.browser();
      await visitor.get('/put');
      const cookie = `sid=${visitor.cookies.get('sid')}`;
      const latch = new Latch();
      latches.set(String(turn), latch);
      const before = inside;
      const slow = app.browser({ cookie, 'x-turn': String(turn) }).get('/slow');
      await until('the slow request is in its handler', () => inside > before);
      const end = app.browser({ cookie }).get('/end');
      // One half in order, the other in whatever order comes.
      if (turn % 2 === 0) await end;
      latch.open();
      await Promise.all([slow, end]);
      return (await app.browser({ cookie }).get('/look')).text;
    };
    const seen: string[] = [];
    for (let turn = 0; turn < LOGOUTS; turn++) seen.push(await round(turn));
    expect(seen.filter((text) => text !== '{}')).toEqual([]);
    expect(await app.sessions.count()).toBe(0);
  });
});
