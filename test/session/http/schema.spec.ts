import { expect, it } from '@jest/globals';
import type { Session, SessionModuleOptions } from 'nest-gatehouse/session';
import { z } from 'zod';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

const controller = actions({
  old: (_: HandlerRequest, session: Session) => void Object.assign(session, { name: 'Ada Lovelace', n: 0 }),
  add: async (_, session) => {
    const n = Number(session.n);
    await new Promise((resolve) => setImmediate(resolve));
    session.n = n + 1;
  },
  look: (_, session) => session,
  reload: async (_, session) => (await session.reload(), (session.reloaded = true), session),
  odd: (_, session) => void (session.name = 7),
});

const first = { schema: z.looseObject({ name: z.string().optional() }) };
const second = {
  version: 2,
  schema: z.looseObject({ names: z.array(z.string()).optional(), theme: z.string().default('light') }),
  migrations: {
    1: (data: Record<string, unknown>) => ({ ...data, name: String(data.name).toUpperCase() }),
    2: ({ name, ...rest }: Record<string, unknown>) => ({ ...rest, names: String(name).split(' ') }),
  },
};

onEveryPlatform('a data schema', (start, { storage }) => {
  const begin = async (schema: SessionModuleOptions['schema'], more: SessionModuleOptions = {}) => {
    const app = await start({ controllers: [controller], session: { schema, ...more } });
    return { app, visitor: app.browser() };
  };

  it('gives a fresh session, and an event, for data that does not fit', async () => {
    const { app, visitor } = await begin(first);
    await visitor.get('/old');
    const before = visitor.cookies.get('sid')!;
    await visitor.get('/odd');
    const answer = await visitor.get('/look');
    expect([answer.status, answer.json()]).toEqual([200, {}]);
    expect(app.events.at(-1)).toMatchObject({
      name: 'session.refused',
      reason: 'data_invalid',
      handle: before.slice(0, 22),
      detail: 'the schema refuses name',
    });
    await visitor.get('/old');
    expect(visitor.cookies.get('sid')).not.toBe(before);
    expect((await visitor.get('/look')).json()).toEqual({ name: 'Ada Lovelace', n: 0 });
  });

  it('under implicit locking shows the data as it is under the lock', async () => {
    const { visitor } = await begin(first, { locking: 'implicit', lockWait: '20s' });
    await visitor.get('/old');
    await Promise.all(Array.from({ length: 20 }, () => visitor.get('/add')));
    expect((await visitor.get('/look')).json()).toMatchObject({ n: 20 });
  });

  // It takes two releases of an application on one store.
  if (!storage.isShared) return;

  it('that moves on takes sessions along, step by step', async () => {
    const { visitor } = await begin(first);
    await visitor.get('/old');
    const next = await begin(second);
    const later = next.app.browser({ cookie: `sid=${visitor.cookies.get('sid')}` });
    const migrated = { names: ['ADA', 'LOVELACE'], n: 0, theme: 'light' };
    expect((await later.get('/reload')).json()).toEqual({ ...migrated, reloaded: true });
    expect((await later.get('/look')).json()).toEqual({ ...migrated, reloaded: true });
    const answer = await visitor.get('/look');
    expect([answer.status, answer.json()]).toEqual([200, {}]);
  });
});
