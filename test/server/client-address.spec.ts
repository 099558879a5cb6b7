import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { ADMINISTRATOR, startWithAdministrator } from '../support/servers/administrator.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

describe.each(['fastify', 'express'])('the client of the server on %s', (HTTP_ADAPTER) => {
  const env = { HTTP_ADAPTER, LOGIN_NETWORK_LIMIT: '3', LOGIN_FREE_FAILURES: '50' };

  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  const from = (address: string) => ({ 'x-forwarded-for': address });

  it.each(['loopback', '1'])(
    'is the address that a trusted proxy writes with a port (TRUST_PROXY=%s)',
    async (trust) => {
      const server = await startWithAdministrator({ env: { ...env, TRUST_PROXY: trust } });
      const statuses: number[] = [];
      for (const address of ['192.0.2.1:1', '192.0.2.1:2', '192.0.2.1:3', '192.0.2.1:4', '192.0.2.2:1']) {
        const guess = { username: 'somebody', password: 'a wrong password, quite wrong' };
        statuses.push((await new BrowserClient(server.url, from(address)).post('/auth/login', guess)).status);
      }
      expect(statuses).toEqual([401, 401, 401, 429, 401]);
      const client = new BrowserClient(server.url, from('[2001:DB8::1]:50001'));
      expect((await client.post('/auth/login', ADMINISTRATOR)).status).toBe(200);
      expect((await client.get('/auth/sessions')).json()).toMatchObject({ items: [{ ip: '2001:db8::1' }] });
      await server.discard();
      expect(server.stdout).not.toContain('TRUST_PROXY');
    },
  );

  it('is not told by a proxy without TRUST_PROXY, which one warning names', async () => {
    const server = await startWithAdministrator({ env });
    for (let n = 0; n < 5; n++) {
      const client = new BrowserClient(server.url, from(`192.0.2.${n}`));
      const guess = { username: `user${n}`, password: 'a wrong password, quite wrong' };
      expect((await client.post('/auth/login', guess)).status).toBe(401);
    }
    const client = new BrowserClient(server.url, from('198.51.100.7'));
    expect((await client.post('/auth/login', ADMINISTRATOR)).status).toBe(200);
    await server.discard();
    const warnings = server.logLines.filter(({ msg }) => String(msg).includes('TRUST_PROXY'));
    expect(warnings).toMatchObject([{ level: 40 }]);
  });
});
