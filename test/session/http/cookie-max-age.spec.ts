import { expect, it } from '@jest/globals';
import type { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { HOUR, MINUTE } from '../../support/apps/fake-clock.js';
import { onEveryPlatform, type SessionApp } from '../../support/apps/session-app.js';

const controller = actions({
  put: (_: HandlerRequest, session: Session) => void (session.n = 1),
  show: (_, session) => session,
  cookie: (_, session) => ({ ...session.cookie.toJSON(), maxAge: session.cookie.maxAge }),
  remember: (_, session) => void (session.cookie.maxAge = 2 * HOUR),
  forever: (_, session) => void (session.cookie.maxAge = 1000 * HOUR),
  forget: (_, session) => void (session.cookie.maxAge = null),
  untilThen: (_, session) => void (session.cookie.expires = new Date(app().clock.now() + 3 * HOUR)),
  wrong: (_, session) =>
    [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5'].map((value) => {
      try {
        Reflect.set(session.cookie, 'maxAge', value);
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    }),
});

let running: SessionApp | undefined;
const app = () => running!;
const maxAgeOf = (lines: readonly string[]) => lines.map((line) => /Max-Age=(\d+)/.exec(line)?.[1] ?? 'session');

onEveryPlatform('session.cookie', (start) => {
  const begin = async (session: Parameters<typeof start>[0]['session'] = {}) => {
    running = await start({ controllers: [controller], session });
    const visitor = running.browser();
    const first = await visitor.get('/put');
    return { visitor, first, ...running };
  };

  it('shows what the module was told, and null for a browser-session cookie', async () => {
    const { visitor } = await begin();
    expect((await visitor.get('/cookie')).json()).toEqual({
      originalMaxAge: null,
      maxAge: null,
      expires: null,
      httpOnly: true,
      path: '/',
      secure: false,
      sameSite: 'lax',
    });
  });

  it('shows how long a persistent session still has', async () => {
    const { visitor, clock } = await begin({ cookie: { persistent: true }, idleTimeout: '1h' });
    expect((await visitor.get('/cookie')).json()).toMatchObject({
      originalMaxAge: HOUR,
      maxAge: HOUR,
      expires: new Date(clock.now() + HOUR).toISOString(),
    });
  });

  it('maxAge makes one session persistent and its idle time that long, with no data changed', async () => {
    const { visitor, first, clock } = await begin();
    expect(maxAgeOf(first.setCookies)).toEqual(['session']);
    expect(maxAgeOf((await visitor.get('/remember')).setCookies)).toEqual(['7200']);
    clock.advance(110 * MINUTE);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    clock.advance(110 * MINUTE);
    const late = await visitor.get('/show');
    expect(late.json()).toEqual({ n: 1 });
    expect(maxAgeOf(late.setCookies)).toEqual(['7200']);
    clock.advance(2 * HOUR);
    expect((await visitor.get('/show')).json()).toEqual({});
  });

  it('maxAge never reaches beyond the absolute end', async () => {
    const { visitor, clock } = await begin({ absoluteTimeout: '12h' });
    clock.advance(10 * MINUTE);
    const answer = await visitor.get('/forever');
    expect(maxAgeOf(answer.setCookies)).toEqual([String((12 * HOUR - 10 * MINUTE) / 1000)]);
    clock.advance(12 * HOUR - 10 * MINUTE - 1);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    clock.advance(1);
    expect((await visitor.get('/show')).json()).toEqual({});
  });

  it('maxAge = null makes it a browser-session cookie again, and the browser is told', async () => {
    const { visitor, clock } = await begin();
    await visitor.get('/remember');
    const answer = await visitor.get('/forget');
    expect(maxAgeOf(answer.setCookies)).toEqual(['session']);
    expect(visitor.cookies.get('sid')).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
    expect((await visitor.get('/show')).setCookies).toEqual([]);
    clock.advance(29 * MINUTE);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    clock.advance(31 * MINUTE);
    expect((await visitor.get('/show')).json()).toEqual({});
  });

  it('expires can be set as a date', async () => {
    const { visitor } = await begin();
    expect(maxAgeOf((await visitor.get('/untilThen')).setCookies)).toEqual(['10800']);
  });

  it('takes no other maxAge', async () => {
    const { visitor } = await begin();
    expect((await visitor.get('/wrong')).json()).toEqual(Array.from({ length: 5 }, () => 'RangeError'));
  });

  it('goes along when a session is regenerated with all it has, not otherwise', async () => {
    running = await start({
      controllers: [
        actions({
          put: (_, session) => void ((session.n = 1), (session.cookie.maxAge = 2 * HOUR)),
          keep: async (_, session) => void (await session.regenerate({ keep: true })),
          fresh: async (request, session) => (await session.regenerate(), void (request.session!.n = 2)),
        }),
      ],
    });
    const visitor = running.browser();
    expect(maxAgeOf((await visitor.get('/put')).setCookies)).toEqual(['7200']);
    expect(maxAgeOf((await visitor.get('/keep')).setCookies)).toEqual(['7200']);
    expect(maxAgeOf((await visitor.get('/fresh')).setCookies)).toEqual(['session']);
  });

  it('a persistent cookie moves on every answer to a live session', async () => {
    const { visitor, clock } = await begin({ cookie: { persistent: true }, idleTimeout: '1h' });
    for (let minute = 0; minute < 3; minute++) {
      clock.advance(30_000);
      const { setCookies } = await visitor.get('/show');
      expect(setCookies).toHaveLength(1);
      expect(setCookies[0]).toContain(`Expires=${new Date(clock.now() + HOUR).toUTCString()}`);
    }
  });
});
