import { expect, it } from '@jest/globals';
import { type Session, SessionService } from 'nest-gatehouse/session';
import { anonymousBytes, AnonymousSessions } from 'nest-gatehouse/session/storage';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import type { BrowserClient } from '../../support/browser/browser-client.js';
import { MINUTE, SECOND } from '../../support/apps/fake-clock.js';
import { Latch, until } from '../../support/latch.js';
import { onEveryDatabase, type SessionApp } from '../../support/apps/session-app.js';

const KILOBYTE = 1024;
const LARGE = 'x'.repeat(60_000);

const put = (request: HandlerRequest, session: Session) => {
  session.code = request.headers['x-large'] ? LARGE : 'small';
  return 'put';
};
const show = (_: HandlerRequest, session: Session) => ({
  length: (session.code as string | undefined)?.length ?? null,
});
const large = { headers: { 'x-large': 'yes' } };

/** What the store has, before any further request. Looked at in the order of use: memory takes a look for a use. */
async function usage({ sessions }: { sessions: SessionService }): Promise<{ sessions: number; bytes: number }> {
  const { items } = await sessions.find({ userId: null }, { limit: 200, sort: 'lastSeenAt' });
  let bytes = 0;
  for (const { handle } of [...items].reverse()) {
    bytes += anonymousBytes(JSON.stringify((await sessions.read(handle))!.data));
  }
  return { sessions: items.length, bytes };
}

const handleOf = (visitor: BrowserClient) => visitor.cookies.get('sid')!.slice(0, 22);

function evictions(...apps: SessionApp[]): string[] {
  const events = apps.flatMap((app) => app.events);
  return events.flatMap((event) =>
    event.name === 'session.ended' && event.reason === 'evicted' ? [event.handle] : [],
  );
}

onEveryDatabase('anonymous sessions are bounded', (start) => {
  const begin = (
    session: object = {},
    more: Record<string, (request: HandlerRequest, session: Session) => unknown> = {},
  ) => start({ controllers: [actions({ put, show, ...more })], session: { anonymousPerNetwork: 0, ...session } });

  async function visitors(app: SessionApp, count: number, init: RequestInit = {}): Promise<BrowserClient[]> {
    const made: BrowserClient[] = [];
    for (let n = 0; n < count; n++) {
      const visitor = app.browser();
      expect((await visitor.get('/put', init)).status).toBe(200);
      made.push(visitor);
      app.clock.advance(SECOND);
    }
    return made;
  }

  it('in number: the ones used longest ago end, each is told, and no user’s does', async () => {
    const app = await begin({ maxAnonymousSessions: 5 });
    const user = await app.sessions.createForUser('ann', { data: { code: 'ann' } });
    app.clock.advance(SECOND);
    const made: BrowserClient[] = [];
    for (let n = 1; n <= 12; n++) {
      made.push(...(await visitors(app, 1)));
      expect((await usage(app)).sessions).toBe(Math.min(n, 5));
    }
    expect(evictions(app)).toEqual(made.slice(0, 7).map(handleOf));
    for (const visitor of made.slice(7)) expect((await visitor.get('/show')).json()).toEqual({ length: 5 });
    const ann = app.browser({ cookie: `sid=${user.token}` });
    expect((await ann.get('/show')).json()).toEqual({ length: 3 });
    await app.sessions.createForUser('bob');
    expect(await app.sessions.count({ userId: 'bob' })).toBe(1);
    expect((await usage(app)).sessions).toBe(5);
  });

  it('so that whoever comes back stays', async () => {
    const app = await begin({ maxAnonymousSessions: 3 });
    const [regular] = await visitors(app, 1);
    for (let n = 0; n < 6; n++) {
      await visitors(app, 1);
      app.clock.advance(MINUTE);
      await regular!.get('/show');
    }
    expect((await regular!.get('/show')).json()).toEqual({ length: 5 });
    expect((await usage(app)).sessions).toBe(3);
  });

  it('in bytes, under a flood of large ones', async () => {
    const maxAnonymousBytes = 512 * KILOBYTE;
    const app = await begin({ maxAnonymousBytes });
    const user = await app.sessions.createForUser('ann', { data: { code: LARGE } });
    for (let round = 0; round < 3; round++) {
      const flood = Array.from({ length: 20 }, () => app.browser().get('/put', large));
      for (const { status } of await Promise.all(flood)) expect(status).toBe(200);
      const { sessions, bytes } = await usage(app);
      expect(bytes).toBeLessThanOrEqual(maxAnonymousBytes);
      expect(sessions).toBeGreaterThanOrEqual(7);
    }
    expect(new Set(evictions(app)).size).toBe(evictions(app).length);
    expect(await app.sessions.read(user.session.handle)).not.toBeNull();
  });

  it('in bytes, when small ones grow', async () => {
    const maxAnonymousBytes = 256 * KILOBYTE;
    const app = await begin({ maxAnonymousBytes });
    const made = await visitors(app, 10);
    for (const visitor of made) {
      app.clock.advance(MINUTE);
      expect((await visitor.get('/put', large)).status).toBe(200);
      expect((await usage(app)).bytes).toBeLessThanOrEqual(maxAnonymousBytes);
    }
    for (const visitor of made.slice(-3)) expect((await visitor.get('/show')).json()).toEqual({ length: LARGE.length });
  });

  it('in two applications on one storage, each end told once', async () => {
    const session = { maxAnonymousSessions: 10 };
    const one = await begin(session);
    const two = await begin(session);
    const user = await one.sessions.createForUser('ann');
    for (let round = 0; round < 4; round++) {
      one.clock.advance(SECOND);
      const flood = Array.from({ length: 16 }, (_, n) => (n % 2 ? one : two).browser().get('/put'));
      for (const { status } of await Promise.all(flood)) expect(status).toBe(200);
      expect((await usage(one)).sessions).toBe(10);
    }
    const ended = evictions(one, two);
    expect(ended).toHaveLength(4 * 16 - 10);
    expect(new Set(ended).size).toBe(ended.length);
    expect(await two.sessions.read(user.session.handle)).not.toBeNull();
  });

  it('also what a former process with other bounds has left, at the first session and at a sweep', async () => {
    await visitors(await begin(), 12);
    const second = await begin({ maxAnonymousSessions: 8 });
    await second.sweeper.sweep();
    expect((await usage(second)).sessions).toBe(8);
    const third = await begin({ maxAnonymousSessions: 300 });
    await visitors(third, 1);
    expect((await usage(third)).sessions).toBe(9);
    const fourth = await begin({ maxAnonymousSessions: 4 });
    await visitors(fourth, 1);
    expect((await usage(fourth)).sessions).toBe(4);
  });

  it('not at all where both bounds are 0', async () => {
    const app = await begin({ maxAnonymousSessions: 0, maxAnonymousBytes: 0 });
    await visitors(app, 20);
    await app.sweeper.sweep();
    expect((await usage(app)).sessions).toBe(20);
  });

  it('and one that ended under a running request is like any that ended', async () => {
    const latch = new Latch();
    let waiting = 0;
    const slowly = (act: (session: Session) => unknown) => async (_: HandlerRequest, session: Session) => {
      act(session);
      waiting++;
      await latch.opened;
      return 'done';
    };
    const app = await begin(
      { maxAnonymousSessions: 1 },
      { slowWrite: slowly((session) => (session.more = 1)), slowRead: slowly((session) => session.code) },
    );
    const [visitor] = await visitors(app, 1);
    const running = ['/slowWrite', '/slowRead'].map((path) => visitor!.get(path));
    await until('both are under way', () => waiting === 2);
    const [other] = await visitors(app, 1);
    latch.open();
    const [written, read] = await Promise.all(running);
    expect([written!.status, written!.json()['code'], written!.setCookies]).toEqual([401, 'session_ended', []]);
    expect([read!.status, read!.text, read!.setCookies]).toEqual([200, 'done', []]);
    expect(await usage(app)).toMatchObject({ sessions: 1 });
    expect((await other!.get('/show')).json()).toEqual({ length: 5 });
    expect((await visitor!.get('/show')).json()).toEqual({ length: null });
  });

  it('and a bound that cannot be held at the moment costs no visitor the answer', async () => {
    const app = await begin({ maxAnonymousSessions: 2 });
    const bounds = app.app.get(AnonymousSessions, { strict: false });
    const original = bounds.evictOldest.bind(bounds);
    bounds.evictOldest = () => Promise.reject(new Error('the disk is on fire'));
    await visitors(app, 4);
    expect((await usage(app)).sessions).toBe(4);
    bounds.evictOldest = original;
    await visitors(app, 1);
    expect((await usage(app)).sessions).toBe(2);
  });
});
