import type { IncomingMessage } from 'node:http';
import { expect, it } from '@jest/globals';
import { SessionSockets } from 'nest-gatehouse/auth';
import type { Session } from 'nest-gatehouse/session';
import { LOGIN, onEveryPlatform, PASSWORD, type AuthApp } from './support/auth-app.js';
import type { BrowserClient } from '../support/browser/browser-client.js';
import { MINUTE, SECOND } from '../support/apps/fake-clock.js';
import { until } from '../support/latch.js';

type Handshake = IncomingMessage & { session?: Session };

/** The request with which a socket of this browser begins. */
function handshakeOf(client: BrowserClient, headers: Record<string, string> = {}): Handshake {
  const cookie = `sid=${client.cookies.get('sid')}`;
  return {
    method: 'GET',
    url: '/socket',
    headers: { host: 'app.example', cookie, ...headers },
    socket: {},
  } as unknown as Handshake;
}

async function openSocket(app: AuthApp, client: BrowserClient) {
  const sockets = app.app.get(SessionSockets);
  const handshake = handshakeOf(client);
  const user = await sockets.open(handshake);
  let closed!: () => void;
  const closing = new Promise<string>((resolve) => (closed = () => resolve('closed')));
  const forget = await sockets.closeWithSession(handshake, closed);
  return { user, closing, forget };
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T | 'open'> {
  return Promise.race([
    work,
    new Promise<'open'>((resolve) => setTimeout(() => resolve('open'), milliseconds).unref()),
  ]);
}

onEveryPlatform('Sockets', (start) => {
  it('know their user, and close when the session ends', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const [client, other] = [await app.signedIn(), await app.signedIn()];
    const [socket, another] = [await openSocket(app, client), await openSocket(app, other)];
    expect(socket.user).toMatchObject({ username: 'alice' });
    expect(await within(0, socket.closing)).toBe('open');
    await client.post('/auth/logout');
    expect(await within(1_000, socket.closing)).toBe('closed');
    expect(await within(0, another.closing)).toBe('open');
    const late = await openSocket(app, client);
    expect([late.user, await within(1_000, late.closing)]).toEqual([undefined, 'closed']);
  });

  it('close within a second of an end that nobody here was told of', async () => {
    const app = await start({ auth: { socketCheckInterval: '100ms' } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const socket = await openSocket(app, await app.signedIn());
    app.clock.advance(31 * MINUTE);
    expect(await within(1_000, socket.closing)).toBe('closed');
    const disabled = await openSocket(app, await app.signedIn());
    await app.users.disable(user.id);
    expect(await within(1_000, disabled.closing)).toBe('closed');
  });

  it('never take the secret from the browser, even where rights have changed', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    app.clock.advance(SECOND);
    await app.users.setRoles(user.id, ['admin']);
    expect((await openSocket(app, client)).user).toMatchObject({ roles: ['admin'] });
    expect((await client.get('/auth/me')).status).toBe(200);
  });

  it('are nobody’s where another site’s page opened them', async () => {
    const app = await start({ auth: { allowedOrigins: ['https://friend.example'] } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const sockets = app.app.get(SessionSockets);
    const open = (origin: string, more?: object) => sockets.open(handshakeOf(client, { origin, ...more }));
    expect(await open('http://app.example')).toMatchObject({ username: 'alice' });
    expect(await open('https://friend.example')).toMatchObject({ username: 'alice' });
    expect(await open('https://evil.example')).toBeUndefined();
    expect(await open('https://app.example')).toBeUndefined();
    // A key beside a session does not make it trustworthy.
    expect(await open('https://evil.example', { authorization: 'Bearer gh_key' })).toBeUndefined();
  });

  it('have nothing to forge where the token travels by header alone', async () => {
    const app = await start({ session: { transport: 'header' } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const { headers } = await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD });
    const own = { 'x-session-token': headers.get('x-session-token')!, origin: 'https://evil.example' };
    const user = await app.app.get(SessionSockets).open(handshakeOf(app.browser(), own));
    expect(user).toMatchObject({ username: 'alice' });
  });

  it('leave an entry in the audit trail where they are refused, and where their token is', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const headers = { 'user-agent': 'Socket/1.0', origin: 'https://evil.example' };
    const socket = { remoteAddress: '203.0.113.5' };
    const open = (more: object) => app.app.get(SessionSockets).open({ ...handshakeOf(client), ...more } as Handshake);
    const known = { ip: '203.0.113.5', userAgent: 'Socket/1.0' };
    await open({ socket, headers: { ...handshakeOf(client).headers, ...headers } });
    expect(app.audit.at(-1)).toMatchObject({
      type: 'cross_site.refused',
      detail: 'socket, origin https://evil.example',
      ...known,
    });
    const handle = client.cookies.get('sid')!.split('.')[0]!;
    await open({ socket, headers: { 'user-agent': 'Socket/1.0', cookie: `sid=${handle}.${'A'.repeat(43)}` } });
    await until('the refusal is on record', () => app.audit.at(-1)!.type === 'session.refused');
    expect(app.audit.at(-1)).toMatchObject({ detail: 'wrong_secret', handle, ...known });
  });
});
