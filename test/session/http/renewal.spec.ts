import { expect, it } from '@jest/globals';
import type { Session } from 'nest-gatehouse/session';
import { confirmIdentity } from 'nest-gatehouse/session/identity';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { MINUTE, SECOND } from '../../support/apps/fake-clock.js';
import { Latch, until } from '../../support/latch.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

const table = {
  put: (_: HandlerRequest, session: Session) => ((session.n = 1), 'put'),
  add: (_: HandlerRequest, session: Session) => String((session.n = Number(session.n) + 1)),
  look: (_: HandlerRequest, session: Session) => session,
  rotate: (_: HandlerRequest, session: Session) => session.rotate().then(() => 'rotated'),
  moveOn: (_: HandlerRequest, session: Session) => session.regenerate({ keep: true }).then(() => 'moved on'),
};
const controller = actions(table);

onEveryPlatform('renewing the secret', (start) => {
  const begin = async (session: Parameters<typeof start>[0]['session'] = {}) => {
    const app = await start({ controllers: [controller], session });
    const visitor = app.browser();
    await visitor.get('/put');
    const before = visitor.cookies.get('sid')!;
    return { app, visitor, before, former: app.browser({ cookie: `sid=${before}` }) };
  };

  it('gives a new secret on the same handle, data and end', async () => {
    const { app, visitor, before } = await begin();
    const info = await app.sessions.read(before.slice(0, 22));
    await visitor.get('/rotate');
    const after = visitor.cookies.get('sid')!;
    expect(after.split('.')[0]).toBe(before.split('.')[0]);
    expect(after.split('.')[1]).not.toBe(before.split('.')[1]);
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
    const { absoluteExpiresAt, createdAt } = (await app.sessions.read(before.slice(0, 22)))!;
    expect({ absoluteExpiresAt, createdAt }).toEqual({
      absoluteExpiresAt: info!.absoluteExpiresAt,
      createdAt: info!.createdAt,
    });
    expect(app.events.filter(({ name }) => name === 'session.renewed')).toHaveLength(1);
  });

  it('lets the former secret read and write within the grace, not after', async () => {
    const { app, visitor, former } = await begin({ renewGrace: '30s' });
    await visitor.get('/rotate');
    app.clock.advance(30 * SECOND - 1);
    expect((await former.get('/look')).json()).toEqual({ n: 1 });
    expect((await former.get('/add')).text).toBe('2');
    app.clock.advance(1);
    expect((await former.get('/look')).json()).toEqual({});
    expect(app.events.at(-1)).toMatchObject({ name: 'session.refused', reason: 'wrong_secret' });
    expect((await visitor.get('/look')).json()).toEqual({ n: 2 });
  });

  it('mints nothing for the former secret', async () => {
    const { app, visitor, former } = await begin({ renewAfter: '1m', renewGrace: '10m', cookie: { persistent: true } });
    await visitor.get('/rotate');
    app.clock.advance(2 * MINUTE);
    for (const path of ['/look', '/add', '/rotate'])
      expect([path, (await former.get(path)).setCookies]).toEqual([path, []]);
    expect((await visitor.get('/look')).setCookies).toHaveLength(1);
  });

  it('takes nothing along to a new session for the former secret', async () => {
    const { visitor, former } = await begin();
    await visitor.get('/rotate');
    const answer = await former.get('/moveOn');
    expect([answer.status, answer.json().code, answer.setCookies]).toEqual([409, 'conflict', []]);
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
  });

  it('happens by itself once the secret is old enough, once for requests at the same time', async () => {
    const { app, visitor, before } = await begin({ renewAfter: '1m' });
    app.clock.advance(MINUTE - 1);
    expect((await visitor.get('/look')).setCookies).toEqual([]);
    app.clock.advance(1);
    const clients = Array.from({ length: 10 }, () => app.browser({ cookie: `sid=${before}` }));
    const answers = await Promise.all(clients.map((client) => client.get('/look')));
    expect(answers.map(({ text }) => text)).toEqual(answers.map(() => '{"n":1}'));
    const [cookie, ...more] = answers.flatMap(({ setCookies }) => setCookies);
    expect(more).toEqual([]);
    const renewed = app.browser({ cookie: cookie!.split(';')[0]! });
    app.clock.advance(31 * SECOND);
    expect((await renewed.get('/look')).json()).toEqual({ n: 1 });
    expect((await app.browser({ cookie: `sid=${before}` }).get('/look')).json()).toEqual({});
  });

  it('after a fresh proof of identity leaves no grace, whoever renews at the same time', async () => {
    const latch = new Latch();
    let inside = false;
    const proving = actions({
      ...table,
      async prove(_, session) {
        inside = true;
        await latch.opened;
        await confirmIdentity(session, { authTime: 1234, amr: ['pwd'] });
        return 'proved';
      },
    });
    const app = await start({ controllers: [proving] });
    const visitor = app.browser();
    await visitor.get('/put');
    const before = visitor.cookies.get('sid')!;
    const prover = app.browser({ cookie: `sid=${before}` });
    const proof = prover.get('/prove');
    await until('the proof is under way', () => inside);
    await visitor.get('/rotate');
    latch.open();
    expect((await proof).text).toBe('proved');
    expect(await app.sessions.read(before.slice(0, 22))).toMatchObject({ authTime: 1234, amr: ['pwd'] });
    expect((await visitor.get('/look')).json()).toEqual({});
    expect((await app.browser({ cookie: `sid=${before}` }).get('/look')).json()).toEqual({});
    expect((await app.browser({ cookie: `sid=${prover.cookies.get('sid')}` }).get('/look')).json()).toEqual({ n: 1 });
  });

  it('never happens by itself when it is turned off', async () => {
    const { app, visitor } = await begin({ renewAfter: false, idleTimeout: '6h' });
    app.clock.advance(300 * MINUTE);
    expect((await visitor.get('/look')).setCookies).toEqual([]);
    expect(app.events.some(({ name }) => name === 'session.renewed')).toBe(false);
  });

  it('asked of a session that is not stored does nothing', async () => {
    const app = await start({ controllers: [controller] });
    const answer = await app.browser().get('/rotate');
    expect([answer.text, answer.setCookies]).toEqual(['rotated', []]);
  });
});
