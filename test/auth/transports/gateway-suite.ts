import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Platform } from '../../support/apps/platforms.js';
import { MINUTE, SECOND } from '../../support/apps/fake-clock.js';
import type { BrowserClient } from '../../support/browser/browser-client.js';
import { until } from '../../support/latch.js';
import { PASSWORD } from '../support/auth-app.js';
import { signedInOf } from 'nest-gatehouse/auth';
import { SeeingGuard, TestGateway } from './gateway.js';
import type { ConnectSocket, SocketClient } from './socket-client.js';
import { headersOf, startTransportApp, type TransportApp } from './transport-app.js';

export interface GatewayTransport {
  readonly platform: Platform;
  readonly connect: ConnectSocket;
  /** What `main.ts` does to choose the adapter. */
  readonly prepare: (app: INestApplication) => void;
  /** What a client is told when the server closes its socket. */
  readonly farewell: string;
}

export interface GatewaySuite {
  readonly app: TransportApp;
  open(client?: BrowserClient, origin?: string): Promise<SocketClient>;
}

/** What holds for gateways on every adapter. @param more tests of this adapter alone */
export function describeGateways(
  title: string,
  { platform, connect, prepare, farewell }: GatewayTransport,
  more: (suite: GatewaySuite) => void = () => undefined,
): void {
  describe(`Gateways on ${title} (${platform})`, () => {
    let app: TransportApp;
    const open: SocketClient[] = [];
    const suite: GatewaySuite = {
      get app() {
        return app;
      },
      async open(client, origin) {
        const socket = await connect(app.url, headersOf(client, origin));
        open.push(socket);
        return socket;
      },
    };

    beforeAll(async () => {
      const session = { renewAfter: '10m', renewGrace: '30s', idleTimeout: '30m' } as const;
      app = await startTransportApp({
        platform,
        providers: [TestGateway, SeeingGuard, { provide: APP_GUARD, useExisting: SeeingGuard }],
        prepare,
        session,
        auth: { socketCheckInterval: '50ms' },
      });
      // The last administrator would keep the role.
      await app.signedIn(['admin']);
    });
    afterEach(() => {
      app.slowDown(0);
      app.failReads(false);
      for (const socket of open.splice(0)) socket.end();
    });
    afterAll(() => app.close());

    it('know who is signed in from the first message on, however slow the store is', async () => {
      const { username, client } = await app.signedIn();
      app.slowDown(20);
      for (let round = 0; round < 5; round++) {
        const socket = await suite.open(client);
        expect(await socket.ask('who')).toEqual({ data: username });
      }
    });

    it('have their user known to a guard of the root module for all handlers', async () => {
      const { username, client } = await app.signedIn();
      await (await suite.open(client)).ask('who');
      expect(app.app.get(SeeingGuard).seen.at(-1)).toBe(username);
    });

    it('tell the client why they refuse, by code and status', async () => {
      const { client } = await app.signedIn();
      const [stranger, socket] = [await suite.open(), await suite.open(client)];
      expect(await stranger.ask('who')).toMatchObject({
        refusal: { code: 'not_signed_in', status: 401, message: 'This needs a sign-in.', cause: { pattern: 'who' } },
      });
      expect(await stranger.ask('session')).toMatchObject({ refusal: { code: 'no_session', status: 401 } });
      expect(await socket.ask('session')).toEqual({ data: 'yes' });
      expect(await socket.ask('admin')).toMatchObject({ refusal: { code: 'forbidden', status: 403 } });
      expect(await socket.ask('recent')).toEqual({ data: 'yes' });
      app.clock.advance(6 * MINUTE);
      expect(await socket.ask('recent')).toMatchObject({ refusal: { code: 'recent_auth_required', status: 401 } });
      expect(app.audit.filter(({ type }) => type === 'access.denied').at(-1)).toMatchObject({
        detail: 'TestGateway.admin',
        ip: '127.0.0.1',
      });
    });

    it('say so while the store does not answer, and stay open', async () => {
      const { client, username } = await app.signedIn();
      const socket = await suite.open(client);
      expect(await socket.ask('who')).toEqual({ data: username });
      app.failReads(true);
      const refusal = { code: 'store_unavailable', status: 503, retryAfter: expect.any(Number) as unknown };
      expect(await socket.ask('who')).toMatchObject({ refusal });
      // Came while nobody could tell whose it is.
      const late = await suite.open(client);
      app.failReads(false);
      expect(await socket.ask('who')).toEqual({ data: username });
      await client.post('/auth/logout');
      expect(await late.closed).toBe(farewell);
    });

    it('go by the roles of this moment', async () => {
      const { id, client } = await app.signedIn();
      const socket = await suite.open(client);
      app.clock.advance(SECOND);
      await app.users.setRoles(id, ['admin']);
      expect(await socket.ask('admin')).toEqual({ data: 'yes' });
      // The browser still has the secret: no message has taken it away.
      expect((await client.get('/auth/me')).status).toBe(200);
      await app.users.setRoles(id, []);
    });

    it('read what an HTTP request has written since, and write before they answer', async () => {
      const { client, handle } = await app.signedIn();
      const socket = await suite.open(client);
      expect(await socket.ask('read')).toEqual({ data: null });
      await client.post('/value', { value: 'by HTTP' });
      expect(await socket.ask('read')).toEqual({ data: 'by HTTP' });
      for (const [event, value] of [
        ['write', 'by a socket'],
        ['stream', 'streamed'],
      ] as const) {
        await socket.ask(event, value);
        expect((await app.sessions.read(handle))?.data.value).toBe(value);
      }
      await socket.ask('late');
      expect((await app.sessions.read(handle))?.data.late).toBe(true);
      void socket.ask('silent');
      await until('what a handler without an answer has written is stored', async () => {
        return (await app.sessions.read(handle))?.data.value === 'said nothing';
      });
    });

    it('have get and set in the session where requests have them', async () => {
      const { client } = await app.signedIn();
      const kind = platform === 'fastify' ? 'function' : 'undefined';
      expect(await (await suite.open(client)).ask('get')).toEqual({ data: kind });
    });

    it('leave the user of each message to itself', async () => {
      const { client } = await app.signedIn();
      const socket = await suite.open(client);
      await socket.ask('who');
      const request = app.app.get(SeeingGuard).requests.at(-1) as { readonly raw?: object };
      expect(signedInOf(request)).toBeDefined();
      if (request.raw) expect(signedInOf(request.raw)).toBeUndefined();
    });

    it('keep nothing of a handler that fails, and do not say why', async () => {
      const { client, handle } = await app.signedIn();
      const socket = await suite.open(client);
      expect(await socket.ask('fail')).toMatchObject({
        refusal: { status: 'error', message: 'Internal server error' },
      });
      expect((await app.sessions.read(handle))?.data).toEqual({});
    });

    it('run one at a time under the lock of the session, which they release', async () => {
      const { client, handle } = await app.signedIn();
      const sockets = await Promise.all([1, 2, 3, 4].map(() => suite.open(client)));
      await Promise.all(sockets.map((socket) => socket.ask('count')));
      expect((await app.sessions.read(handle))?.data.count).toBe(4);
      expect(await sockets[0]!.ask('count')).toEqual({ data: 5 });
    });

    it('store nothing for a client whose token nobody has', async () => {
      const stranger = await suite.open();
      const before = await app.sessions.count();
      expect(await stranger.ask('write', 'lost')).toMatchObject({
        refusal: { code: 'no_session_on_socket', status: 409 },
      });
      expect(await app.sessions.count()).toBe(before);
      const visitor = app.browser();
      await visitor.post('/value', { value: 1 });
      const socket = await suite.open(visitor);
      expect(await socket.ask('write', 'kept')).toEqual({ data: 'done' });
      expect((await visitor.get('/value')).json()).toEqual({ value: 'kept' });
    });

    it('issue no secret, and follow the one that HTTP has renewed', async () => {
      const { client, username } = await app.signedIn();
      const socket = await suite.open(client);
      const token = client.cookies.get('sid');
      for (const event of ['renew', 'others'])
        expect(await socket.ask(event)).toMatchObject({ refusal: { code: 'no_secret_on_socket', status: 409 } });
      expect(await socket.ask('anew')).toMatchObject({ refusal: { code: 'no_session_on_socket', status: 409 } });
      app.clock.advance(11 * MINUTE);
      await socket.ask('write', 'when the secret is due');
      expect((await client.get('/auth/me')).status).toBe(200);
      expect(client.cookies.get('sid')).not.toBe(token);
      const former = await connect(app.url, { cookie: `sid=${token}` });
      open.push(former);
      expect(await former.ask('who')).toEqual({ data: username });
      // The watch has seen the new secret while the former one was in its grace.
      await until('the socket is checked', async () => (await socket.ask('who')).data === username);
      app.clock.advance(MINUTE);
      expect(await socket.ask('who')).toEqual({ data: username });
      expect(
        app.audit.filter(({ type, handle }) => type === 'session.refused' && handle === token!.split('.')[0]),
      ).toEqual([]);
      // This one may have been stolen: whoever comes with it has the grace, and no more.
      expect(await former.ask('who')).toMatchObject({ refusal: { code: 'not_signed_in' } });
    });

    it('are closed when the secret is replaced without a grace, which shuts out whoever knows the former one', async () => {
      const { client } = await app.signedIn();
      const socket = await suite.open(client);
      app.clock.advance(SECOND);
      const body = { currentPassword: PASSWORD, newPassword: 'a wholly different passphrase' };
      expect((await client.post('/auth/password', body)).status).toBe(204);
      expect(await socket.closed).toBe(farewell);
      expect(await (await suite.open(client)).ask('session')).toEqual({ data: 'yes' });
    });

    it('are closed when the session ends, here or elsewhere', async () => {
      const ends: Record<string, (user: { id: string; client: BrowserClient; handle: string }) => Promise<unknown>> = {
        'signed out': ({ client }) => client.post('/auth/logout'),
        'ended by an administrator': ({ handle }) => app.sessions.end(handle),
        'the account is disabled': ({ id }) => app.users.disable(id),
        'by epoch, which is no event': ({ id }) => app.sessions.endAllOfUser(id),
        expired: async () => app.clock.advance(31 * MINUTE),
      };
      for (const [how, end] of Object.entries(ends)) {
        const user = await app.signedIn();
        const socket = await suite.open(user.client);
        await socket.ask('who');
        await end(user);
        expect([how, await socket.closed]).toEqual([how, farewell]);
        const next = await suite.open(user.client);
        expect(await next.ask('who')).toMatchObject({ refusal: { code: 'not_signed_in' } });
      }
    });

    it('end the session they are told to, and close its other sockets', async () => {
      const { client, handle } = await app.signedIn();
      const [socket, other] = [await suite.open(client), await suite.open(client)];
      void socket.ask('leave');
      expect(await other.closed).toBe(farewell);
      expect(await app.sessions.read(handle)).toBeNull();
    });

    it('are closed to pages of other sites', async () => {
      const { client, username } = await app.signedIn();
      await expect(suite.open(client, 'https://evil.example')).rejects.toThrow();
      await until('the refusal is on record', () => app.audit.at(-1)?.type === 'cross_site.refused');
      expect(app.audit.at(-1)).toMatchObject({ detail: 'socket, origin https://evil.example', ip: '127.0.0.1' });
      expect(await (await suite.open(client, app.url)).ask('who')).toEqual({ data: username });
    });

    it('let a key in from anywhere, but not the user of a session beside it', async () => {
      const { client } = await app.signedIn();
      const key = { origin: 'https://evil.example', authorization: 'Bearer gh_key' };
      const [alone, beside] = [await connect(app.url, key), await connect(app.url, { ...headersOf(client), ...key })];
      open.push(alone, beside);
      expect(await alone.ask('who')).toMatchObject({ refusal: { code: 'not_signed_in' } });
      expect(await beside.ask('who')).toMatchObject({ refusal: { code: 'cross_site', status: 403 } });
    });

    more(suite);
  });
}
