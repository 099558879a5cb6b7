import { expect, it } from '@jest/globals';
import type { Duration } from 'nest-gatehouse/common';
import type { Session } from 'nest-gatehouse/session';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { SECOND } from '../../support/apps/fake-clock.js';
import { Latch, until } from '../../support/latch.js';
import { onEveryCombination, type SessionAppSetup } from '../../support/apps/session-app.js';

onEveryCombination('a lock', (start, { storage }) => {
  const begin = async (lockLease: Duration = '30s') => {
    const latch = new Latch();
    let inside = 0;
    const controller = actions({
      put: (_: HandlerRequest, session: Session) => void (session.n = 1),
      look: (_, session) => session,
      slow: async (_, session) => {
        await session.lock();
        inside++;
        await latch.opened;
        session.n = 'slow';
      },
      'slow release': async (_, session) => {
        const hold = await session.lock();
        inside++;
        await latch.opened;
        session.n = 'slow';
        await hold.release();
      },
      'slow careless': async (_, session) => {
        const hold = await session.lock();
        inside++;
        await latch.opened;
        session.n = 'slow';
        await hold.release().catch(() => undefined);
        return 'fine';
      },
      quick: async (_, session) => {
        const hold = await session.lock();
        session.n = `${String(session.n)} and quick`;
        await hold.release();
        return 'let go';
      },
    });
    const setup: SessionAppSetup = { controllers: [controller], session: { lockLease, lockWait: '10s' } };
    const app = await start(setup);
    const visitor = app.browser();
    await visitor.get('/put');
    return { app, visitor, latch, setup, entered: () => until('the slow one holds the lock', () => inside === 1) };
  };

  it('whose holder was too slow is another’s, and the late save is refused', async () => {
    // Where no clock of ours ends the lease, it must be short enough to be waited for.
    const { app, visitor, latch, entered } = await begin(storage.leasesRunBy === 'server' ? '500ms' : '30s');
    const slow = visitor.get('/slow');
    await entered();
    app.clock.advance(30 * SECOND);
    expect((await visitor.get('/quick')).text).toBe('let go');
    latch.open();
    expect((await slow).json()).toMatchObject({ status: 409, code: 'conflict' });
    expect((await visitor.get('/look')).json()).toEqual({ n: '1 and quick' });
    expect(app.events.filter(({ name }) => name === 'session.conflict')).toHaveLength(1);
  });

  it.each(['slow release', 'slow careless'])(
    'that was lost saves nothing at the end of the answer either (%s)',
    async (path) => {
      const { app, visitor, latch, entered } = await begin(storage.leasesRunBy === 'server' ? '500ms' : '30s');
      const slow = visitor.get(`/${path}`);
      await entered();
      app.clock.advance(30 * SECOND);
      expect((await visitor.get('/quick')).text).toBe('let go');
      latch.open();
      expect((await slow).json()).toMatchObject({ status: 409, code: 'conflict' });
      expect((await visitor.get('/look')).json()).toEqual({ n: '1 and quick' });
    },
  );

  it('whose client has left saves nothing over what the next holder has saved', async () => {
    const { app, visitor, latch, entered } = await begin();
    const leaving = new AbortController();
    const left = visitor.get('/slow', { signal: leaving.signal }).catch(() => 'left');
    await entered();
    leaving.abort();
    expect(await left).toBe('left');
    expect((await visitor.get('/quick')).text).toBe('let go');
    latch.open();
    await until('the late save is refused', () => app.events.some(({ name }) => name === 'session.conflict'));
    expect((await visitor.get('/look')).json()).toEqual({ n: '1 and quick' });
  });

  it('is let go early, with what was changed under it saved', async () => {
    const { visitor } = await begin();
    await visitor.get('/quick');
    await visitor.get('/quick');
    expect((await visitor.get('/look')).json()).toEqual({ n: '1 and quick and quick' });
  });

  it('is one for all applications on a store', async () => {
    const { app, visitor, latch, setup, entered } = await begin();
    const other = storage.isShared ? await start(setup) : app;
    const elsewhere = other.browser({ cookie: `sid=${visitor.cookies.get('sid')}` });
    const slow = visitor.get('/slow');
    await entered();
    let done = false;
    const quick = elsewhere.get('/quick').then((answer) => ((done = true), answer));
    await until(
      'the other one asks',
      () => other.store.calls.filter((call) => call === 'acquire').length >= (other === app ? 2 : 1),
    );
    expect(done).toBe(false);
    latch.open();
    expect([(await slow).status, (await quick).status]).toEqual([200, 200]);
    expect((await visitor.get('/look')).json()).toEqual({ n: 'slow and quick' });
  });
});
