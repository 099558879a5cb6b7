import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Express } from 'express';
import { SessionStore } from 'nest-gatehouse/session/storage';
import { MINUTE } from '../../support/apps/fake-clock.js';
import { startApp } from '../../support/apps/platforms.js';
import { until } from '../../support/latch.js';
import { freePort } from '../../support/free-port.js';
import { TestGateway } from './gateway.js';
import { describeGateways } from './gateway-suite.js';
import { connectWs } from './socket-client.js';
import { headersOf, startTransportApp, type TransportApp } from './transport-app.js';

describeGateways('ws', {
  platform: 'fastify',
  connect: connectWs,
  prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
  farewell: '1008 session_ended',
});

@WebSocketGateway()
class EchoGateway {
  @SubscribeMessage('echo')
  echo(@MessageBody() text: string) {
    return { event: 'echo', data: text };
  }
}

/** Nest 11 gives gateways none of the global guards and interceptors. */
describe('A gateway on which Nest runs no global guards (express)', () => {
  let app: TransportApp;

  beforeAll(async () => {
    app = await startTransportApp({
      platform: 'express',
      providers: [TestGateway],
      prepare: (nest) => {
        const config = nest.get(ApplicationConfig, { strict: false });
        config.getGlobalGuards = () => [];
        config.getGlobalInterceptors = () => [];
        nest.useWebSocketAdapter(new WsAdapter(nest));
      },
    });
  });
  afterAll(() => app?.close());

  it('lets through whom its decorators let through, and saves their sessions', async () => {
    const { client, username, handle } = await app.signedIn();
    const socket = await connectWs(app.url, headersOf(client));
    expect(await socket.ask('who')).toEqual({ data: username });
    expect(await socket.ask('admin')).toMatchObject({ refusal: { status: 403, code: 'forbidden' } });
    await socket.ask('write', 'from a message');
    expect((await app.sessions.read(handle))?.data.value).toBe('from a message');
    const stranger = await connectWs(app.url, {});
    expect(await stranger.ask('who')).toMatchObject({ refusal: { status: 401, code: 'not_signed_in' } });
    expect(await stranger.ask('write', 1)).toMatchObject({ refusal: { code: 'no_session_on_socket' } });
  });
});

it('a gateway answers in a second application of the process, which has no sessions', async () => {
  const withWs = (nest: INestApplication) => void nest.useWebSocketAdapter(new WsAdapter(nest));
  const first = await startTransportApp({ platform: 'express', providers: [EchoGateway], prepare: withWs });
  await first.close();
  const { url, close } = await startApp('express', { providers: [EchoGateway] }, withWs);
  const socket = await connectWs(url, {});
  expect(await socket.ask('echo', 'hello')).toEqual({ data: 'hello' });
  socket.end();
  await close();
});

const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.example', 'x-forwarded-for': '203.0.113.9' };

for (const platform of ['express', 'fastify'] as const) {
  const port = await freePort();

  @WebSocketGateway(port)
  class GatewayElsewhere extends TestGateway {}

  describe(`A gateway on a port of its own, behind a proxy (${platform})`, () => {
    let app: TransportApp;
    const url = `http://127.0.0.1:${port}`;

    beforeAll(async () => {
      app = await startTransportApp({
        platform,
        providers: [GatewayElsewhere],
        trustProxy: '127.0.0.1',
        session: { onStoreFailure: 'anonymous', renewAfter: '10m', renewGrace: '30s' },
        auth: { socketCheckInterval: '50ms' },
        prepare: (nest) => {
          nest.useWebSocketAdapter(new WsAdapter(nest));
          if (platform === 'express') (nest.getHttpAdapter().getInstance() as Express).set('trust proxy', 'loopback');
        },
      });
    });
    afterAll(() => app?.close());

    it('knows its users, and is closed to pages of other sites, as the proxy sees them', async () => {
      const { client, username } = await app.signedIn();
      const own = await connectWs(url, { ...headersOf(client, 'https://app.example'), ...forwarded });
      expect(await own.ask('who')).toEqual({ data: username });
      const foreign = await connectWs(url, { ...headersOf(client, 'https://evil.example'), ...forwarded });
      expect(await foreign.closed).toBe('1008 cross_site');
      expect(app.audit.filter(({ type }) => type === 'cross_site.refused')).toMatchObject([{ ip: '203.0.113.9' }]);
      await client.post('/auth/logout');
      expect(await own.closed).toBe('1008 session_ended');
    });

    it('closes with its session a socket that came while the store did not answer', async () => {
      const { client, username } = await app.signedIn();
      app.failReads(true);
      const socket = await connectWs(url, headersOf(client));
      expect(await socket.ask('who')).toMatchObject({ refusal: { code: 'not_signed_in' } });
      app.failReads(false);
      expect(await socket.ask('who')).toEqual({ data: username });
      await client.post('/auth/logout');
      expect(await socket.closed).toBe('1008 session_ended');
    });

    it('keeps open a socket whose new secret the store cannot tell', async () => {
      const { client, handle, username } = await app.signedIn();
      const socket = await connectWs(url, headersOf(client));
      expect(await socket.ask('who')).toEqual({ data: username });
      const store = app.app.get(SessionStore, { strict: false });
      const read = store.read.bind(store);
      const issued = (await read(handle))!.secretIssuedAt;
      let count = 0;
      store.read = async (wanted) => {
        const record = await read(wanted);
        // Of each two, the watch reads the session by the first, and opens it for the socket by the second.
        if (record && record.secretIssuedAt > issued && ++count % 2 === 0) throw new Error('the disk is on fire');
        return record;
      };
      app.clock.advance(11 * MINUTE);
      expect((await client.get('/auth/me')).status).toBe(200);
      await until('it was checked', () => count >= 6);
      store.read = read;
      expect(await socket.ask('who')).toEqual({ data: username });
      await client.post('/auth/logout');
      expect(await socket.closed).toBe('1008 session_ended');
    });
  });
}
