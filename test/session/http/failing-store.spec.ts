import { expect, it } from '@jest/globals';
import { Controller, Get, Req } from '@nestjs/common';
import { RequireSession, type Session, SkipSession } from 'nest-gatehouse/session';
import type { Answer } from '../../support/browser/browser-client.js';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { MINUTE } from '../../support/apps/fake-clock.js';
import { onEveryCombination } from '../../support/apps/session-app.js';

@Controller()
class RoutesController {
  @Get('skipped')
  @SkipSession()
  skipped(@Req() request: HandlerRequest): string {
    return String(request.session);
  }

  @Get('guarded')
  @RequireSession()
  guarded(): string {
    return 'in';
  }
}

const table = {
  put: (_: HandlerRequest, session: Session) => ((session.n = 1), 'put'),
  look: (_: HandlerRequest, session: Session) => session,
  untouched: () => 'untouched',
  save: async (_: HandlerRequest, session: Session) => ((session.saved = 1), await session.save(), 'saved'),
  increment: (_: HandlerRequest, session: Session) => session.increment('n').then(String),
  regenerate: (_: HandlerRequest, session: Session) => session.regenerate().then(() => 'regenerated'),
  stubborn: (_: HandlerRequest, session: Session) => session.regenerate().catch(() => 'regenerate failed'),
  destroy: (_: HandlerRequest, session: Session) => session.destroy().then(() => 'destroyed'),
  leave: (request: HandlerRequest) => ((request.session = null), 'left'),
};
const controllers = [RoutesController, actions(table)];

function expectUnavailable(answer: Answer): void {
  expect([answer.status, answer.json().code, answer.setCookies]).toEqual([503, 'store_unavailable', []]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.text).not.toMatch(/fire|Error|at .*\.ts|node_modules/);
}

onEveryCombination('a store that fails', (start, { storage }) => {
  const begin = async (session: Parameters<typeof start>[0]['session'] = {}) => {
    const app = await start({ controllers, session: { storeDeadline: storage.patience, ...session } });
    const visitor = app.browser();
    await visitor.get('/put');
    app.store.take();
    return { app, visitor };
  };

  it.each(['throws', 'rejects', 'hangs'] as const)(
    '(%s) while opening is 503 for whoever looks at the session',
    async (mood) => {
      const { app, visitor } = await begin();
      app.store.set(mood, 'read');
      for (const path of ['/look', '/put', '/increment', '/guarded', '/destroy'])
        expectUnavailable(await visitor.get(path));
      for (const path of ['/untouched', '/skipped']) expect((await visitor.get(path)).status).toBe(200);
      expect((await visitor.get('/skipped')).text).toBe('undefined');
      expect((await visitor.get('/no/where')).status).toBe(404);
      expect((await app.browser().get('/look')).text).toBe('{}');
      expect(app.events.find(({ name }) => name === 'session.store_failed')).toMatchObject({ operation: 'read' });
      app.store.set('well');
      expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
    },
  );

  it.each(['throws', 'rejects', 'hangs'] as const)(
    '(%s) while saving is 503, and nothing has happened',
    async (mood) => {
      const { app, visitor } = await begin();
      app.clock.advance(2 * MINUTE);
      app.store.set(mood, 'insert', 'update', 'delete', 'rotate');
      for (const path of ['/save', '/increment', '/regenerate', '/destroy', '/leave'])
        expectUnavailable(await visitor.get(path));
      expectUnavailable(await visitor.get('/look'));
      expectUnavailable(await app.browser().get('/put'));
      app.store.set('well');
      expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
      expect(await app.sessions.count()).toBe(1);
    },
  );

  it('half-way through a regeneration leaves the session as it was', async () => {
    const { app, visitor } = await begin();
    app.store.set('rejects', 'delete');
    expectUnavailable(await visitor.get('/regenerate'));
    const stubborn = await visitor.get('/stubborn');
    expect([stubborn.status, stubborn.text, stubborn.setCookies]).toEqual([200, 'regenerate failed', []]);
    app.store.set('well');
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
  });

  it('without an answer to whoever waits for a lock is 503 too', async () => {
    const { app, visitor } = await begin({ locking: 'implicit', lockWait: 20 });
    app.store.set('rejects', 'acquire');
    expectUnavailable(await visitor.get('/look'));
    app.store.set('hangs', 'acquire');
    expectUnavailable(await visitor.get('/look'));
    app.store.set('well', 'acquire');
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
  });

  it('is no session where the application goes on as anonymous: guards refuse, saving fails', async () => {
    const { app, visitor } = await begin({ onStoreFailure: 'anonymous' });
    app.store.set('rejects');
    const look = await visitor.get('/look');
    expect([look.status, look.text, look.setCookies]).toEqual([200, '{}', []]);
    expect((await visitor.get('/guarded')).json()).toMatchObject({ status: 401, code: 'no_session' });
    expectUnavailable(await visitor.get('/put'));
    app.store.set('well');
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
  });

  it('serves what it can still read where the application goes on reading', async () => {
    const { app, visitor } = await begin({ onStoreFailure: 'read-only' });
    app.clock.advance(2 * MINUTE);
    app.store.set('rejects', 'update', 'rotate', 'insert', 'delete');
    const look = await visitor.get('/look');
    expect([look.status, look.json(), look.setCookies]).toEqual([200, { n: 1 }, []]);
    expectUnavailable(await visitor.get('/save'));
    app.store.set('rejects', 'read');
    expectUnavailable(await visitor.get('/look'));
  });

  it('answers a browser with the application’s own page', async () => {
    const { app, visitor } = await begin({ renderProblem: ({ code }) => `<h1>${code}</h1>` });
    app.store.set('rejects', 'insert', 'update');
    app.clock.advance(2 * MINUTE);
    const page = await visitor.get('/look', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect([page.status, page.text, page.headers.get('content-type')]).toEqual([
      503,
      '<h1>store_unavailable</h1>',
      'text/html; charset=utf-8',
    ]);
    expect((await visitor.get('/look', { headers: { accept: 'application/json' } })).json()).toMatchObject({
      code: 'store_unavailable',
    });
  });
});
