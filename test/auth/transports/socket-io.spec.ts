import { expect, it } from '@jest/globals';
import { describeGateways } from './gateway-suite.js';
import { connectPolling, connectSocketIo } from './socket-client.js';
import { headersOf } from './transport-app.js';

describeGateways(
  'Socket.IO',
  {
    platform: 'express',
    connect: connectSocketIo,
    // Nest takes it by default.
    prepare: () => undefined,
    farewell: 'io server disconnect',
  },
  (suite) => {
    it('have the same rules without an upgrade, by long polling', async () => {
      const { client, username } = await suite.app.signedIn();
      const socket = await connectPolling(suite.app.url, headersOf(client));
      expect(await socket.ask('who')).toEqual({ data: username });
      await client.post('/auth/logout');
      expect(await socket.closed).toBe('io server disconnect');
      const foreign = headersOf(client, 'https://evil.example');
      await expect(connectPolling(suite.app.url, foreign)).rejects.toThrow('cross_site');
    });
  },
);
