import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe.each(['fastify', 'express'])('the routes, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;

  beforeAll(async () => {
    server = await ReferenceServer.start({ inHost: true, env: { HTTP_ADAPTER, TRUST_PROXY: 'loopback' } });
  });

  afterAll(cleanUp);

  const visitor = (headers?: Record<string, string>) => new BrowserClient(server.url, headers);

  it.each(['/', '/api/code', '/api/session', '/health/live', '/health/ready', '/assets/home.css'])(
    'answer a stranger at %s without a cookie',
    async (path) => {
      for (const method of ['GET', 'HEAD']) {
        const answer = await visitor().request(method, path);
        expect(answer.status).toBe(200);
        expect(answer.setCookies).toEqual([]);
        expect(answer.text === '').toBe(method === 'HEAD');
      }
    },
  );

  it('keep a value sent as JSON or as a form', async () => {
    const client = visitor();
    const set = await client.post('/api/code', { code: 'first' });
    expect(set.status).toBe(200);
    expect(set.json()).toEqual({ result: 'set' });
    expect(set.setCookies).toEqual([
      expect.stringMatching(/^sid=[\w-]{22}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    expect((await client.get('/api/code')).json()).toEqual({ result: 'first' });

    await client.request('POST', '/api/code', { body: new URLSearchParams({ code: 'zweite & dritte ü' }) });
    expect((await client.get('/api/code')).json()).toEqual({ result: 'zweite & dritte ü' });
  });

  it('keep the empty text', async () => {
    const client = visitor();
    expect((await client.request('POST', '/api/code', { body: new URLSearchParams({ code: '' }) })).status).toBe(200);
    expect((await client.get('/api/code')).json()).toEqual({ result: '' });
  });

  it('show the session', async () => {
    const client = visitor();
    expect((await client.get('/api/session')).json()).toEqual({ active: false });

    await client.post('/api/code', { code: 'x' });
    const session = (await client.get('/api/session')).json<Record<string, string>>();
    expect(Object.keys(session)).toEqual([
      'active',
      'handle',
      'createdAt',
      'lastSeenAt',
      'idleExpiresAt',
      'absoluteExpiresAt',
      'persistent',
      'hits',
    ]);
    expect(session).toMatchObject({
      active: true,
      persistent: false,
      handle: client.cookies.get('sid')?.split('.')[0],
    });
    for (const name of ['createdAt', 'lastSeenAt', 'idleExpiresAt', 'absoluteExpiresAt'])
      expect(session[name]).toMatch(ISO_TIME);
  });

  it('renew the secret of the same session', async () => {
    const client = visitor();
    expect((await client.post('/api/session/renew')).json()).toMatchObject({ status: 401, code: 'no_session' });

    await client.post('/api/code', { code: 'kept' });
    const [handle, secret] = client.cookies.get('sid')!.split('.');
    const renewed = await client.post('/api/session/renew');
    expect(renewed.status).toBe(204);
    const [newHandle, newSecret] = client.cookies.get('sid')!.split('.');
    expect(newHandle).toBe(handle);
    expect(newSecret).not.toBe(secret);
    expect((await client.get('/api/code')).json()).toEqual({ result: 'kept' });
  });

  it('end the session', async () => {
    const client = visitor();
    await client.post('/api/code', { code: 'x' });
    const cookie = `sid=${client.cookies.get('sid')}`;
    const ended = await client.post('/api/session/end');
    expect(ended.status).toBe(204);
    expect(ended.setCookies).toEqual([
      expect.stringMatching(/^sid=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970.*; HttpOnly; SameSite=Lax$/),
    ]);

    const replayed = await visitor({ cookie }).get('/api/code');
    expect(replayed.json()).toEqual({ result: null });
    expect(replayed.setCookies).toEqual([]);
    expect((await visitor().post('/api/session/end')).status).toBe(204);
  });

  it('make the cookie secure where the proxy speaks HTTPS', async () => {
    const client = visitor({ 'x-forwarded-proto': 'https' });
    const set = await client.post('/api/code', { code: 'x' });

    expect(set.setCookies).toEqual([expect.stringContaining('; Secure')]);
    expect((await client.get('/')).text).toContain('<code>Secure</code>');
  });

  it('are never cached', async () => {
    for (const path of ['/', '/api/code', '/api/session', '/health/ready']) {
      expect((await visitor().get(path)).headers.get('cache-control')).toBe('no-store');
    }
  });

  it('show the home page under a strict policy', async () => {
    const client = visitor();
    await client.post('/api/code', { code: 'x' });
    const page = await client.get('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none';object-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
    );
    expect(page.text).not.toMatch(/ style=|<script>|<style| on\w+=/);
    expect(page.text).toContain(`<code id="handle">${client.cookies.get('sid')?.split('.')[0]}</code>`);
    expect(page.text).not.toContain(client.cookies.get('sid')?.split('.')[1]);
  });

  it('serve assets that a browser may keep', async () => {
    const urls = (await visitor().get('/')).text.match(/\/assets\/[\w.]+\?v=[\w-]+/g) ?? [];
    expect(urls).toHaveLength(5);
    for (const url of urls) {
      const asset = await visitor().get(url);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      const etag = asset.headers.get('etag')!;
      const again = await visitor().get(url.split('?')[0]!, { headers: { 'if-none-match': etag } });
      expect([again.status, again.text, again.headers.get('cache-control')]).toEqual([304, '', 'no-cache']);
    }
  });
});

describe('the reference server in production', () => {
  afterAll(cleanUp);

  it('sends a secure __Host- cookie and promises HTTPS', async () => {
    const server = await ReferenceServer.start({ inHost: true, env: { NODE_ENV: 'production', STORAGE: 'memory' } });
    const set = await new BrowserClient(server.url).post('/api/code', { code: 'x' });

    expect(set.setCookies).toEqual([
      expect.stringMatching(/^__Host-sid=[\w.-]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(set.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});
