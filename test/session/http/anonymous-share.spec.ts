import { expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import type { Session, SessionModuleOptions } from 'nest-gatehouse/session';
import { signIn } from 'nest-gatehouse/session/identity';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import type { Answer } from '../../support/browser/browser-client.js';
import { MINUTE, SECOND } from '../../support/apps/fake-clock.js';
import { Latch } from '../../support/latch.js';
import { onEveryPlatform, type SessionApp } from '../../support/apps/session-app.js';

const LARGE = 60_000;
const HOME = '192.0.2.1';
const ELSEWHERE = '198.51.100.7';

interface ExpressInstance {
  set?(name: string, value: unknown): unknown;
}

function trustProxy(app: INestApplication): void {
  (app.getHttpAdapter().getInstance() as ExpressInstance).set?.('trust proxy', true);
}

const controller = () =>
  actions({
    put: (_: HandlerRequest, session: Session) => void (session.code = 'small'),
    putLarge: (_, session) => void (session.code = 'x'.repeat(LARGE)),
    show: (_, session) => ({ length: (session.code as string | undefined)?.length ?? null }),
    look: () => 'looked',
    saveNow: async (_, session) => {
      session.code = 'small';
      await session.save();
    },
    regenerate: (_, session) => session.regenerate({ keep: true }),
    signIn: async (_, session) => {
      const identity = { userId: 'ann', userEpoch: 0, authTime: null, amr: [], aal: null };
      await signIn(session, { identity });
    },
  });

function expectRefused(answer: Answer): void {
  expect(answer.status).toBe(429);
  expect(answer.json()).toMatchObject({ status: 429, code: 'too_many_sessions' });
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(answer.setCookies).toEqual([]);
}

onEveryPlatform('a network has a share of anonymous sessions', (start) => {
  const begin = (session: SessionModuleOptions) =>
    start({ controllers: [controller()], session, trustProxy: true, prepare: trustProxy });
  const from = (app: SessionApp, address: string) => app.browser({ 'x-forwarded-for': address });
  const stored = (app: SessionApp) => app.sessions.count({ userId: null });
  const statuses = async (app: SessionApp, addresses: readonly string[], path = '/put') => {
    const seen: number[] = [];
    for (const address of addresses) seen.push((await from(app, address).get(path)).status);
    return seen;
  };

  it('a minute: one more is 429 and stores nothing, and nobody else notices', async () => {
    const app = await begin({ anonymousPerNetwork: 3 });
    const visitor = from(app, HOME);
    expect((await visitor.get('/put')).status).toBe(200);
    expect(await statuses(app, [HOME, HOME])).toEqual([200, 200]);
    app.clock.advance(20 * SECOND);
    app.store.take();
    const refused = await from(app, HOME).get('/put');
    expectRefused(refused);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(app.store.take()).toEqual([]);
    expect(await stored(app)).toBe(3);

    expect(await statuses(app, [ELSEWHERE, '192.0.2.2'])).toEqual([200, 200]);
    expect((await from(app, HOME).get('/look')).status).toBe(200);
    expect((await from(app, HOME).get('/show')).json()).toEqual({ length: null });
    expect((await visitor.get('/put')).status).toBe(200);
    expect((await visitor.get('/show')).json()).toEqual({ length: 5 });
    expect((await visitor.get('/putLarge')).status).toBe(200);

    app.clock.advance(39 * SECOND);
    expectRefused(await from(app, HOME).get('/put'));
    app.clock.advance(SECOND);
    expect(await statuses(app, [HOME, HOME, HOME, HOME])).toEqual([200, 200, 200, 429]);
  });

  it('also when the handler saves by itself, or starts over', async () => {
    const app = await begin({ anonymousPerNetwork: 2 });
    const visitor = from(app, HOME);
    expect((await visitor.get('/saveNow')).status).toBe(200);
    expect((await visitor.get('/regenerate')).status).toBe(200);
    expectRefused(await from(app, HOME).get('/saveNow'));
    expectRefused(await visitor.get('/regenerate'));
    expect((await visitor.get('/show')).json()).toEqual({ length: 5 });
    expect(await stored(app)).toBe(1);
  });

  it('that signing in does not draw on', async () => {
    const app = await begin({ anonymousPerNetwork: 1 });
    expect(await statuses(app, [HOME, HOME])).toEqual([200, 429]);
    const visitor = from(app, HOME);
    expect((await visitor.get('/signIn')).status).toBe(200);
    expect((await visitor.get('/putLarge')).status).toBe(200);
    expect(await statuses(app, [HOME, HOME], '/signIn')).toEqual([200, 200]);
    expect(await app.sessions.count({ userId: 'ann' })).toBe(3);
  });

  it('whatever way its address is written, an IPv6 /64 each, and ten times as much a /48', async () => {
    const app = await begin({ anonymousPerNetwork: 2 });
    expect(await statuses(app, [HOME, `${HOME}:50001`, `::ffff:${HOME}`])).toEqual([200, 200, 429]);
    const oneNetwork = ['2001:db8:1::1', '2001:DB8:1:0:ffff::2', '[2001:db8:1::3]:443'];
    expect(await statuses(app, oneNetwork)).toEqual([200, 200, 429]);
    const oneSite = Array.from({ length: 18 }, (_, n) => `2001:db8:1:${(n + 1).toString(16)}::1`);
    expect(await statuses(app, oneSite)).toEqual(oneSite.map(() => 200));
    expectRefused(await from(app, '2001:db8:1:ffff::1').get('/put'));
    expect(await statuses(app, ['2001:db8:2::1', '2001:db8:2::1', '2001:db8:2::1'])).toEqual([200, 200, 429]);
  });

  it('but clients whose address cannot be told are not one network', async () => {
    const app = await begin({ anonymousPerNetwork: 1 });
    expect(await statuses(app, ['unknown', 'unknown', '_hidden', 'unknown'])).toEqual([200, 200, 200, 200]);
  });

  it('which holds under many requests at once', async () => {
    const app = await begin({ anonymousPerNetwork: 10 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => from(app, HOME).get('/put')));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(30);
    refused.forEach(expectRefused);
    expect(await stored(app)).toBe(10);
  });

  it('and gets back what the store did not take', async () => {
    const app = await begin({ anonymousPerNetwork: 2 });
    app.store.set('rejects', 'insert');
    expect(await statuses(app, [HOME, HOME, HOME, HOME])).toEqual([503, 503, 503, 503]);
    app.store.set('well', 'insert');
    expect(await statuses(app, [HOME, HOME, HOME])).toEqual([200, 200, 429]);
  });

  it('of bytes too: large sessions, and sessions that grow large, use it up', async () => {
    // 300 sessions of 4 KiB, which is 20 of these.
    const app = await begin({ anonymousPerNetwork: 300 });
    const visitors = Array.from({ length: 10 }, () => from(app, HOME));
    for (const visitor of visitors) expect((await visitor.get('/put')).status).toBe(200);
    for (const visitor of visitors) expect((await visitor.get('/putLarge')).status).toBe(200);
    const tenMore = Array.from({ length: 10 }, () => HOME);
    expect(await statuses(app, tenMore, '/putLarge')).toEqual(tenMore.map(() => 200));
    const before = await stored(app);
    expectRefused(await from(app, HOME).get('/putLarge'));
    const small = from(app, ELSEWHERE);
    expect((await small.get('/put')).status).toBe(200);
    const sid = small.cookies.get('sid')!;
    const moved = from(app, HOME);
    moved.cookies.set('sid', sid);
    expectRefused(await moved.get('/putLarge'));
    expect((await moved.get('/show')).json()).toEqual({ length: 5 });
    expect((await moved.get('/put')).status).toBe(200);
    expect((await small.get('/putLarge')).status).toBe(200);
    expect(await stored(app)).toBe(before + 1);
    app.clock.advance(MINUTE);
    expect((await moved.get('/putLarge')).status).toBe(200);
  });

  it('of bytes that many requests add to one session at once', async () => {
    const AT_ONCE = 10;
    let latch = new Latch();
    let inside = 0;
    const add = async (request: HandlerRequest, session: Session) => {
      if (++inside === AT_ONCE) latch.open();
      await latch.opened;
      session[`key ${request.headers['x-key']}`] = 'x'.repeat(2_500);
    };
    const app = await start({
      controllers: [actions({ put: (_, session) => void (session.code = 1), add })],
      // Of bytes: 16 × 32 KiB.
      session: { anonymousPerNetwork: 20, maxDataBytes: '32kb' },
      trustProxy: true,
      prepare: trustProxy,
    });
    let made = 0;
    for (let answer = await from(app, HOME).get('/put'); answer.status === 200 && made < 20; made++) {
      const visitor = from(app, HOME);
      if ((answer = await visitor.get('/put')).status !== 200) break;
      [latch, inside] = [new Latch(), 0];
      const requests = Array.from({ length: AT_ONCE }, (_, key) =>
        visitor.get('/add', { headers: { 'x-key': String(key) } }),
      );
      for (const { status } of await Promise.all(requests)) expect(status).toBe(200);
    }
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(15);
    expectRefused(await from(app, HOME).get('/put'));
  });

  it('and none where it is 0', async () => {
    const app = await begin({ anonymousPerNetwork: 0 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => from(app, HOME).get('/putLarge')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
