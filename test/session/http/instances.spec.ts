import { expect, it } from '@jest/globals';
import type { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import type { BrowserClient } from '../../support/browser/browser-client.js';
import { Latch, until } from '../../support/latch.js';
import { onEveryDatabase, type SessionApp, type SessionAppSetup } from '../../support/apps/session-app.js';

const REQUESTS = 60;

onEveryDatabase('two applications on one storage', (start) => {
  const begin = async () => {
    const latch = new Latch();
    let waiting = 0;
    let inside = 0;
    const controller = actions({
      put: (_: HandlerRequest, session: Session) => void (session.n = 0),
      look: (_, session) => session,
      increment: async (request, session) => {
        session[`key${request.headers['x-key']}`] = 1;
        return String(await session.increment('n'));
      },
      alone: async (_, session) => {
        const hold = await session.lock();
        if (++inside > 1) throw new Error('Two hold one lock.');
        session.n = Number(session.n) + 1;
        await session.save();
        inside--;
        await hold.release();
      },
      slow: async (_, session) => {
        session.n = 'revived';
        waiting++;
        await latch.opened;
      },
    });
    const setup: SessionAppSetup = { controllers: [controller], session: { lockWait: '20s' } };
    const one = await start(setup);
    const two = await start(setup);
    const visitor = one.browser();
    await visitor.get('/put');
    return { one, two, visitor, latch, underWay: () => until('the slow one is under way', () => waiting === 1) };
  };
  const at = (app: SessionApp, visitor: BrowserClient) => app.browser({ cookie: `sid=${visitor.cookies.get('sid')}` });
  const handleOf = (visitor: BrowserClient) => visitor.cookies.get('sid')!.slice(0, 22);

  it('count every increment and keep every key', async () => {
    const { one, two, visitor } = await begin();
    const answers = await Promise.all(
      Array.from({ length: REQUESTS }, (_, n) =>
        at(n % 2 ? one : two, visitor).get('/increment', { headers: { 'x-key': String(n) } }),
      ),
    );
    const counts = answers.map(({ text }) => Number(text)).sort((a, b) => a - b);
    expect(counts).toEqual(Array.from({ length: REQUESTS }, (_, n) => n + 1));
    const session = (await at(two, visitor).get('/look')).json();
    expect(session['n']).toBe(REQUESTS);
    expect(Object.keys(session).filter((key) => key.startsWith('key'))).toHaveLength(REQUESTS);
  });

  it('hold a lock one at a time', async () => {
    const { one, two, visitor } = await begin();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => at(n % 2 ? one : two, visitor).get('/alone')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await at(two, visitor).get('/look')).json()).toEqual({ n: 20 });
  });

  it('see an end at once, also under a request of the other that saves after it', async () => {
    const { one, two, visitor, latch, underWay } = await begin();
    const slow = at(two, visitor).get('/slow');
    await underWay();
    expect(await one.sessions.end(handleOf(visitor))).toBe(true);
    latch.open();
    expect((await slow).json()).toMatchObject({ status: 401, code: 'session_ended' });
    for (const app of [one, two]) expect((await at(app, visitor).get('/look')).json()).toEqual({});
  });

  it('see a user’s epoch at once', async () => {
    const { one, two } = await begin();
    const { token } = await one.sessions.createForUser('ann', { data: { n: 1 } });
    const client = two.browser({ cookie: `sid=${token}` });
    expect((await client.get('/look')).json()).toEqual({ n: 1 });
    await one.sessions.setUserEpoch('ann', 7);
    expect((await client.get('/look')).json()).toEqual({});
    expect(await two.sessions.count({ userId: 'ann' })).toBe(0);
  });
});
