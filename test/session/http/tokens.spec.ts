import { expect, it } from '@jest/globals';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import type { Session } from 'nest-gatehouse/session';
import { exchange, getRequest } from '../../support/browser/raw-http.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';

const controller = actions({
  look: (_: HandlerRequest, session: Session) => session,
  put: (_, session) => ((session.n = 1), 'put'),
});

const HANDLE = 'A'.repeat(22);
const SECRET = 'b'.repeat(43);

/** Each may travel in a header that any client can send. */
const malformed = [
  '',
  '.',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  'j:{}',
  'j:{"$ne":null}',
  's:abc.def',
  '%00',
  `${HANDLE}`,
  `${HANDLE}.`,
  `.${SECRET}`,
  `${HANDLE}${SECRET}`,
  `${HANDLE}.${SECRET}.`,
  `${HANDLE}.${SECRET}A`,
  `${HANDLE}A.${SECRET}`,
  `${HANDLE.slice(1)}.${SECRET}`,
  `${HANDLE}.${SECRET.slice(1)}=`,
  `${HANDLE}%2E${SECRET}`,
  `"${HANDLE}.${SECRET}"`,
  `${HANDLE.slice(1)}+.${SECRET}`,
  `${HANDLE.slice(1)}/.${SECRET}`,
  `${HANDLE.slice(1)}%41.${SECRET}`,
  `${HANDLE} .${SECRET}`,
  `${HANDLE}\t.${SECRET}`,
  'x'.repeat(8000),
];

/** These reach a server only by a socket of one's own. */
const bytes = ['🍪'.repeat(8), `${HANDLE}.${SECRET.slice(1)}é`, `${HANDLE}.${SECRET}\u00a0`, '\u0080\u00ff'];

onEveryPlatform('a session token', (start) => {
  it('is unrelated to any other, 500 times', async () => {
    const app = await start({ controllers: [controller] });
    const tokens = await Promise.all(
      Array.from({ length: 500 }, async () => {
        const visitor = app.browser();
        await visitor.get('/put');
        return visitor.cookies.get('sid')!;
      }),
    );
    const parts = tokens.flatMap((token) => token.split('.'));
    expect(tokens.every((token) => /^[\w-]{22}\.[\w-]{43}$/.test(token))).toBe(true);
    expect(new Set(parts).size).toBe(1000);
    expect(new Set(parts.map((part) => part.slice(0, 6))).size).toBe(1000);
    expect(await app.sessions.count()).toBe(500);
  });

  it('is made for nobody who only looks', async () => {
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    for (const [method, path] of [
      ['GET', '/look'],
      ['HEAD', '/look'],
      ['POST', '/look'],
      ['OPTIONS', '/look'],
      ['GET', '/nowhere/at/all'],
      ['DELETE', '/'],
    ] as const) {
      expect((await visitor.request(method, path)).setCookies).toEqual([]);
    }
    expect(await app.sessions.count()).toBe(0);
    expect(app.store.take()).toEqual([]);
  });

  it('that is well-formed and unknown is replaced, never adopted', async () => {
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    visitor.cookies.set('sid', `${HANDLE}.${SECRET}`);
    expect((await visitor.get('/look')).setCookies).toEqual([]);
    await visitor.get('/put');
    expect(visitor.cookies.get('sid')).not.toContain(HANDLE);
    expect(visitor.cookies.get('sid')).not.toContain(SECRET);
    expect(await app.sessions.read(HANDLE)).toBeNull();
    const refused = { name: 'session.refused', reason: 'unknown', handle: HANDLE, ip: '127.0.0.1', userAgent: 'node' };
    expect(app.events).toContainEqual(refused);
  });

  it('with a handle that is right and a secret that is not opens nothing', async () => {
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    await visitor.get('/put');
    const [handle, secret] = visitor.cookies.get('sid')!.split('.');
    expect((await app.browser({ cookie: `sid=${handle}.${SECRET}` }).get('/look')).json()).toEqual({});
    expect((await app.browser({ cookie: `sid=${handle}.${secret!.slice(0, 42)}` }).get('/look')).json()).toEqual({});
    expect(app.events.at(-2)).toMatchObject({ name: 'session.refused', reason: 'wrong_secret', handle });
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
  });

  it('that is malformed is nobody’s, without asking the store', async () => {
    const app = await start({ controllers: [controller] });
    for (const token of malformed) {
      const answer = await app.browser({ cookie: `sid=${token}` }).get('/look');
      expect([token, answer.status, answer.text]).toEqual([token, 200, '{}']);
    }
    for (const token of bytes) {
      const text = await exchange(app.url, Buffer.from(getRequest('/look', [`Cookie: sid=${token}`]), 'utf8'));
      expect([token, text.split('\r\n')[0], text.split('\r\n\r\n')[1]]).toEqual([token, 'HTTP/1.1 200 OK', '{}']);
    }
    expect(app.store.take()).toEqual([]);
    const refusals = app.events.filter((event) => event.name === 'session.refused' && event.reason === 'malformed');
    expect(refusals).toHaveLength(malformed.length + bytes.length);
  });

  it('cannot smuggle a header line', async () => {
    const app = await start({ controllers: [controller] });
    const text = await exchange(app.url, getRequest('/put', [`Cookie: sid=${HANDLE}\r\nX-Injected: 1\r\n .${SECRET}`]));
    expect(text).not.toMatch(/x-injected/i);
    expect(app.store.take().filter((call) => call === 'read')).toEqual([]);
  });

  it('opens its session beside equal twins, texts that are no tokens, and tokens that open nothing', async () => {
    const app = await start({ controllers: [controller] });
    const [visitor, other] = [app.browser(), app.browser()];
    await visitor.get('/put');
    await other.get('/put');
    const token = visitor.cookies.get('sid')!;
    const ended = other.cookies.get('sid')!;
    await app.sessions.end(ended.slice(0, 22));
    app.events.length = 0;
    for (const cookie of [
      `sid=${token}; sid=${token}`,
      `sid=; a=b;sid=${token}`,
      `sid=s%3Aabc.def; sid=${token}; sid="${token}"`,
      `sid=${HANDLE}.${SECRET}; sid=${token}`,
      `sid=${token}; sid=${ended}; sid=${HANDLE}.${SECRET}`,
      `sid=${token.slice(0, 22)}.${SECRET}; sid=${token}`,
    ]) {
      expect([cookie, (await app.browser({ cookie }).get('/look')).json()]).toEqual([cookie, { n: 1 }]);
    }
    const lines = await exchange(app.url, getRequest('/look', [`Cookie: sid=${token}`, `Cookie: sid=${token}`]));
    expect(lines.split('\r\n\r\n')[1]).toBe('{"n":1}');
    expect(app.events).toEqual([]);
  });

  it('is refused, and told, beside one that opens another session, and among too many', async () => {
    const app = await start({ controllers: [controller] });
    const [visitor, other] = [app.browser(), app.browser()];
    await visitor.get('/put');
    await other.get('/put');
    const [token, planted] = [visitor.cookies.get('sid')!, other.cookies.get('sid')!];
    const unknown = (n: number) => `sid=${HANDLE.slice(1)}${n}.${SECRET}`;
    app.events.length = 0;
    app.store.take();
    const both = `sid=${planted}; sid=${token}`;
    expect((await app.browser({ cookie: both }).get('/look')).json()).toEqual({});
    expect(app.store.take()).toEqual(['read', 'read']);
    const many = [0, 1, 2, 3].map(unknown).join('; ');
    expect((await app.browser({ cookie: `${many}; sid=${token}` }).get('/look')).json()).toEqual({});
    expect(app.store.take()).toEqual([]);
    expect(app.events).toEqual(
      [0, 1].map(() => ({
        name: 'session.refused',
        reason: 'duplicate',
        handle: null,
        ip: '127.0.0.1',
        userAgent: 'node',
      })),
    );
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
  });

  it('is told as a duplicate, or as wrong, where none of several opens a session', async () => {
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    await visitor.get('/put');
    const handle = visitor.cookies.get('sid')!.slice(0, 22);
    const stale = `sid=${HANDLE}.${SECRET}; sid=${HANDLE.slice(1)}B.${SECRET}`;
    app.events.length = 0;
    expect((await app.browser({ cookie: stale }).get('/look')).json()).toEqual({});
    expect((await app.browser({ cookie: `${stale}; sid=${handle}.${SECRET}` }).get('/look')).json()).toEqual({});
    expect(app.events).toEqual([
      expect.objectContaining({ name: 'session.refused', reason: 'duplicate', handle: null }),
      expect.objectContaining({ name: 'session.refused', reason: 'wrong_secret', handle }),
    ]);
  });

  it('gives way to a new session by regenerate(), with all others that were sent', async () => {
    const renewing = actions({
      put: (_, session) => ((session.n = 1), 'put'),
      anew: async (request: HandlerRequest, session: Session) => {
        await session.regenerate();
        request.session!.n = 2;
      },
    });
    const app = await start({ controllers: [renewing] });
    const [visitor, other] = [app.browser(), app.browser()];
    await visitor.get('/put');
    await other.get('/put');
    const cookie = `sid=${visitor.cookies.get('sid')}; sid=${other.cookies.get('sid')}`;
    const anew = await app.browser({ cookie }).get('/anew');
    expect([anew.status, anew.setCookies.length, await app.sessions.count()]).toEqual([200, 1, 1]);
  });

  it('anywhere else is no token', async () => {
    const app = await start({ controllers: [controller] });
    const visitor = app.browser();
    await visitor.get('/put');
    const token = visitor.cookies.get('sid')!;
    const stranger = app.browser();
    app.store.take();
    const answers = [
      await stranger.get(`/look?sid=${token}&session=${token}`),
      await stranger.post('/look', { sid: token, session: token }),
      await stranger.get('/look', { headers: { authorization: `Bearer ${token}` } }),
      await stranger.get('/look', { headers: { 'x-session-token': token, sid: token } }),
      await stranger.get('/look', { headers: { cookie: `SID=${token}; xsid=${token}; s=sid=${token}` } }),
    ];
    expect(answers.map(({ text }) => text)).toEqual(answers.map(() => '{}'));
    expect((await stranger.get(`/${token}`)).setCookies).toEqual([]);
    expect(app.store.take()).toEqual([]);
  });
});
