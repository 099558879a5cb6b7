import { expect, it } from '@jest/globals';
import { Controller, Post, Req } from '@nestjs/common';
import { OptionalAuth, RequireRecentAuth } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import type { Session } from 'nest-gatehouse/session';
import type { BrowserClient } from '../support/browser/browser-client.js';
import { MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { Pause } from '../support/pause.js';
import { codeOf, LOGIN, onEveryDatabase, OTHER_PASSWORD, PASSWORD, type AuthApp } from './support/auth-app.js';
import { epochsOf, handleOf, OpenController, opens, partsOf, watchEnds } from './support/stored-sessions.js';
import { sharingApps } from '../support/apps/combinations.js';

/** What an application may do with a session, behind the guard and past it. */
@Controller('acts')
class ActsController {
  @Post('rotate')
  async rotate(@Req() { session }: { session: Session }) {
    await session.rotate();
  }

  @Post('reload')
  async reload(@Req() { session }: { session: Session }) {
    await session.reload();
    await session.rotate();
  }

  @Post('locked')
  async locked(@Req() { session }: { session: Session }) {
    await session.lock();
    await session.rotate();
  }

  @Post('keep')
  @OptionalAuth()
  async keep(@Req() { session }: { session: Session }) {
    await session.regenerate({ keep: true });
  }

  @Post('age')
  age(@Req() { session }: { session: Session }) {
    session.cookie.maxAge = 20 * MINUTE;
  }

  @Post('recent')
  @RequireRecentAuth('1m')
  recent() {}
}

const controllers = [ActsController, OpenController];

type Transport = 'cookie' | 'header';
type Request = (client: BrowserClient) => Promise<{ status: number; text: string }>;

/** Whatever could hand out a secret, and what it answers to the former one. */
const VERBS: readonly [string, number, string | undefined, Request][] = [
  ['an end of all others', 409, 'conflict', (client) => client.request('DELETE', '/auth/sessions')],
  ['an end of all others by POST', 409, 'conflict', (client) => client.post('/auth/sessions/end')],
  [
    'a change of the password',
    409,
    'conflict',
    (client) => client.post('/auth/password', { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD }),
  ],
  [
    'a change of the password with a wrong one',
    409,
    'conflict',
    (client) => client.post('/auth/password', { currentPassword: OTHER_PASSWORD, newPassword: OTHER_PASSWORD }),
  ],
  ['a re-authentication', 409, 'conflict', (client) => client.post('/auth/reauthenticate', { password: PASSWORD })],
  ['keeping it as a new session', 409, 'conflict', (client) => client.post('/acts/keep')],
  ['a renewal', 201, undefined, (client) => client.post('/acts/rotate')],
  ['a renewal after a reload', 201, undefined, (client) => client.post('/acts/reload')],
  ['a renewal under a lock', 201, undefined, (client) => client.post('/acts/locked')],
  ['another age of its cookie', 201, undefined, (client) => client.post('/acts/age')],
  ['a look', 200, undefined, (client) => client.get('/auth/me')],
];

sharingApps(onEveryDatabase)('The secret from before the last renewal', (start) => {
  const open = (transport: Transport = 'cookie') => {
    const session = { renewAfter: '1m', renewGrace: '10m', transport, storeDeadline: '20s' } as const;
    return start({ controllers, session, auth: { storeDeadline: '20s' } });
  };

  let users = 0;
  const begin = async (app: AuthApp, transport: Transport = 'cookie', remember = false) => {
    const username = `user${++users}`;
    const { user } = await app.users.create({ username, password: PASSWORD });
    const other = await signIn(app, transport, username);
    const owner = await signIn(app, transport, username, remember);
    const stolen = tokenOf(owner);
    app.clock.advance(2 * MINUTE);
    await owner.get('/auth/me');
    expect(tokenOf(owner)).not.toBe(stolen);
    return { id: user.id, other, owner, stolen, thief: holderOf(app, transport, stolen) };
  };

  // The other tests have a cookie that ends with the browser.
  it.each([
    ['cookie', true],
    ['header', false],
  ] as const)('mints no current one, whatever is asked for (by %s, remembered: %s)', async (transport, remember) => {
    const app = await open(transport);
    const told = watchEnds(app);
    for (const [name, status, code, request] of VERBS) {
      const { id, other, owner, stolen, thief } = await begin(app, transport, remember);
      // Its own renewal would be due as well.
      app.clock.advance(2 * MINUTE);
      const answer = await request(thief);
      expect([name, answer.status]).toEqual([name, status]);
      if (code !== undefined) expect(JSON.parse(answer.text)).toMatchObject({ code });
      expect([name, tokenOf(thief)]).toEqual([name, stolen]);
      expect(await epochsOf(app, id)).toEqual({ account: 0, store: 0, sessions: [0, 0] });
      for (const client of [owner, other]) expect((await client.get('/auth/me')).status).toBe(200);
      expect((await owner.post('/auth/reauthenticate', { password: PASSWORD })).status).toBe(204);
    }
    expect(told).toEqual([]);
  });

  it('gets none when rights change, and is over once they have acted', async () => {
    const app = await open();
    const { id, owner, thief } = await begin(app);
    app.clock.advance(SECOND);
    await app.users.setRoles(id, ['admin']);
    const early = await thief.get('/auth/me');
    expect([early.status, early.setCookies]).toEqual([200, []]);
    expect((await owner.get('/auth/me')).setCookies).toHaveLength(1);
    expect((await thief.get('/auth/me')).status).toBe(401);
  });

  it('is over after the renewal that comes next, and gets none by it', async () => {
    const app = await open();
    const { owner, thief } = await begin(app);
    app.clock.advance(2 * MINUTE);
    await owner.get('/auth/me');
    const answer = await thief.request('DELETE', '/auth/sessions');
    expect([answer.status, answer.setCookies]).toEqual([401, []]);
    expect((await owner.get('/auth/me')).status).toBe(200);
  });

  it('opens a new session to who signs in, and that one alone', async () => {
    const app = await open();
    const { id, stolen, thief } = await begin(app);
    await app.users.create({ username: 'mallory', password: OTHER_PASSWORD });
    expect((await thief.post(LOGIN, { username: 'mallory', password: OTHER_PASSWORD })).status).toBe(200);
    const made = thief.cookies.get('sid')!;
    expect(handleOf(made)).not.toBe(handleOf(stolen));
    expect(await opens(app, made)).not.toBe(id);
  });

  /** It was the current one when the request came. */
  it('mints none where it has become one during the request', async () => {
    const waiting: [string, Request][] = [
      ['end of all others', (client) => client.request('DELETE', '/auth/sessions')],
      ['keep', (client) => client.post('/acts/keep')],
      ['rotate', (client) => client.post('/acts/rotate')],
      ['reload', (client) => client.post('/acts/reload')],
    ];
    const app = await open();
    for (const [name, request] of waiting) {
      const { id, other, owner } = await begin(app);
      const thief = holderOf(app, 'cookie', tokenOf(owner));
      const before = tokenOf(thief);
      app.clock.advance(2 * MINUTE);
      const pause = new Pause(app.app.get(AuthStorage).users, 'findById');
      const asking = request(thief);
      await pause.reached;
      await owner.get('/auth/me');
      expect(tokenOf(owner)).not.toBe(before);
      pause.goOn();
      const { status } = await asking;
      expect([name, status]).toEqual([name, name === 'end of all others' || name === 'keep' ? 409 : 201]);
      expect(tokenOf(thief)).toBe(before);
      expect((await epochsOf(app, id)).sessions).toEqual([0, 0]);
      for (const client of [owner, other]) expect((await client.get('/auth/me')).status).toBe(200);
    }
  });

  it('leaves the current one where it is when another request renews in the middle of an end of all others', async () => {
    const app = await open();
    const { id, owner } = await begin(app);
    const before = tokenOf(owner);
    const tab = holderOf(app, 'cookie', before);
    const { store } = partsOf(app);
    const pause = new Pause(store, 'rotate');
    const ending = tab.request('DELETE', '/auth/sessions');
    await pause.reached;
    const record = (await store.read(handleOf(before)))!;
    await store.rotate(record.handle, {
      expectedSecretHash: record.secretHash,
      secretHash: 'x'.repeat(43),
      issuedAt: app.clock.now(),
      graceUntil: app.clock.now() + MINUTE,
    });
    pause.goOn();
    expect((await ending).text).toBe('{"ended":1}');
    expect(tokenOf(tab)).toBe(before);
    expect(await epochsOf(app, id)).toEqual({ account: 1, store: 1, sessions: [1] });
    expect((await store.read(record.handle))?.secretHash).toBe('x'.repeat(43));
    expect(codeOf(await tab.request('DELETE', '/auth/sessions'))).toBe('conflict');
  });
});

const HEADER = 'x-session-token';
const tokens = new WeakMap<BrowserClient, string>();

function tokenOf(client: BrowserClient): string {
  return tokens.get(client) ?? client.cookies.get('sid')!;
}

/** Keeps what it is given in the header as a browser keeps cookies. */
function headerClient(app: AuthApp, token?: string): BrowserClient {
  const client = app.browser();
  const request = client.request.bind(client);
  if (token !== undefined) tokens.set(client, token);
  client.request = async (method, path, init = {}) => {
    const held = tokens.get(client);
    const headers = { ...(init.headers as Record<string, string>), ...(held ? { [HEADER]: held } : {}) };
    const answer = await request(method, path, { ...init, headers });
    const given = answer.headers.get(HEADER);
    if (given) tokens.set(client, given);
    return answer;
  };
  return client;
}

function holderOf(app: AuthApp, transport: Transport, token: string): BrowserClient {
  if (transport === 'header') return headerClient(app, token);
  const client = app.browser();
  client.cookies.set('sid', token);
  return client;
}

async function signIn(app: AuthApp, transport: Transport, username: string, remember = false): Promise<BrowserClient> {
  const client = transport === 'header' ? headerClient(app) : app.browser();
  const answer = await client.post(LOGIN, { username, password: PASSWORD, remember });
  if (answer.status !== 200) throw new Error(answer.text);
  return client;
}
