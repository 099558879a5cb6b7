import { expect, it } from '@jest/globals';
import type { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { HOUR, MINUTE } from '../../support/apps/fake-clock.js';
import { onEveryPlatform, type SessionApp } from '../../support/apps/session-app.js';

const DAY = 24 * HOUR;
const table = {
  put: (_: HandlerRequest, session: Session) => ((session.n = 1), 'put'),
  add: (_: HandlerRequest, session: Session) => String((session.n = Number(session.n) + 1)),
  look: (_: HandlerRequest, session: Session) => session,
  fail: (_: HandlerRequest, session: Session): never => {
    session.n = 9;
    throw new Error('on purpose');
  },
};
const LONG = { idleTimeout: '30d', absoluteTimeout: '90d', touchInterval: '10d' } as const;

const firstUses = ({ events }: SessionApp) =>
  events.flatMap((event) => (event.name === 'session.first_use_of_day' ? [event] : []));

onEveryPlatform('the first use of a session on a day', (start, { storage }) => {
  const begin = async (session: Parameters<typeof start>[0]['session'] = {}) => {
    const app = await start({ controllers: [actions(table)], session: { ...LONG, ...session } });
    // From the beginning of a day on, so that no test passes over midnight.
    app.clock.advance(DAY - (app.clock.now() % DAY));
    const today = app.clock.now() / DAY;
    const visitor = app.browser({ 'user-agent': 'Agent/1' });
    await visitor.get('/put');
    const cookie = `sid=${visitor.cookies.get('sid')!}`;
    return { app, visitor, cookie, today, handle: cookie.slice(4, 26) };
  };
  const days = (app: SessionApp) => firstUses(app).map(({ day }) => day);

  it('is emitted once, at its creation and then once a day, whatever the touch interval', async () => {
    const { app, visitor, handle, today } = await begin();
    expect(firstUses(app)).toEqual([
      { name: 'session.first_use_of_day', handle, userId: null, day: today, userAgent: 'Agent/1' },
    ]);
    app.clock.advance(DAY - 1);
    await visitor.get('/look');
    expect(days(app)).toEqual([today]);
    app.clock.advance(1);
    for (let n = 0; n < 3; n++) await visitor.get('/look');
    expect(days(app)).toEqual([today, today + 1]);
    app.clock.advance(3 * DAY);
    await Promise.all([visitor.get('/look'), visitor.get('/look'), visitor.get('/add')]);
    expect(days(app)).toEqual([today, today + 1, today + 4]);
  });

  it('is emitted where that request changes data, or renews the secret', async () => {
    const { app, visitor, today } = await begin({ renewAfter: '1h' });
    app.clock.advance(DAY);
    expect((await visitor.get('/add')).text).toBe('2');
    expect(app.events.some(({ name }) => name === 'session.renewed')).toBe(true);
    app.clock.advance(DAY);
    await visitor.get('/look');
    expect(days(app)).toEqual([today, today + 1, today + 2]);
  });

  it('is no passive request, and none that is not saved', async () => {
    const { app, visitor, cookie, handle, today } = await begin();
    app.clock.advance(DAY);
    const passive = app.browser({ cookie, 'x-session-passive': '1' });
    await passive.get('/look');
    await passive.get('/add');
    await visitor.get('/fail');
    expect(days(app)).toEqual([today]);
    expect((await app.sessions.read(handle))!.data).toEqual({ n: 2 });
    await visitor.get('/look');
    expect(days(app)).toEqual([today, today + 1]);
  });

  it('is emitted by one of several instances', async () => {
    if (!storage.isShared) return;
    const { app, cookie, today } = await begin();
    const other = await start({ controllers: [actions(table)], session: LONG });
    app.clock.advance(DAY + MINUTE);
    const looks = [app, other, app, other].map((instance) => instance.browser({ cookie }).get('/look'));
    await Promise.all(looks);
    expect([...days(app), ...days(other)]).toEqual([today, today + 1]);
  });

  it('is emitted only once the store has confirmed it', async () => {
    const { app, visitor, today } = await begin();
    app.clock.advance(DAY);
    app.store.set('rejects', 'update');
    await visitor.get('/look');
    expect(days(app)).toEqual([today]);
    app.store.set('well');
    await visitor.get('/look');
    expect(days(app)).toEqual([today, today + 1]);
  });

  it('is emitted for a session that is created without a request', async () => {
    const { app, today } = await begin();
    const { session } = await app.sessions.createForUser('u1', { username: 'ann' });
    expect(session.username).toBe('ann');
    expect(firstUses(app).at(-1)).toMatchObject({ handle: session.handle, userId: 'u1', day: today });
  });
});

onEveryPlatform('the event of a session’s end', (start) => {
  it('carries what lists showed of it, whoever ends it', async () => {
    const app = await start({ controllers: [actions({ ...table, end: (_, session) => session.destroy() })] });
    const create = () => app.sessions.createForUser('u1', { username: 'ann', userAgent: 'Agent/1' });
    const made = await Promise.all(Array.from({ length: 4 }, create));
    const [here, there, other, late] = made.map(({ session }) => session.handle);
    await app.browser({ cookie: `sid=${made[0]!.token}` }).get('/end');
    await app.sessions.end(there!);
    await app.sessions.endAll({ userId: 'u1' }, { except: late });
    app.clock.advance(30 * DAY);
    await app.sweeper.sweep();
    const ended = app.events.flatMap((event) => (event.name === 'session.ended' ? [event] : []));
    expect(ended.map(({ handle, reason }) => [handle, reason])).toEqual([
      [here, 'logout'],
      [there, 'administrator'],
      [other, 'administrator'],
      [late, 'idle'],
    ]);
    for (const { handle, session } of ended) {
      expect(session).toMatchObject({ handle, userId: 'u1', username: 'ann', userAgent: 'Agent/1' });
      expect(Object.keys(session!).filter((key) => /secret(?!IssuedAt)|data/i.test(key))).toEqual([]);
    }
  });
});
