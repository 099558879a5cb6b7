import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import type { Express } from 'express';
import { freePort } from './free-port.js';
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
  });
}
