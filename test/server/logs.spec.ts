import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { exchange } from '../support/browser/raw-http.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';

const SECRETS = [
  'cookie-4f1c',
  'bearer-83aa',
  'header-19de',
  'query-7b02',
  'json-c5d8',
  'broken-e6f3',
  'form-2a91',
] as const;
const [COOKIE, BEARER, HEADER, QUERY, JSON_BODY, BROKEN_BODY, FORM] = SECRETS;

describe.each(['fastify', 'express'])('the log, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let handle: string;
  let secrets: string[];

  beforeAll(async () => {
    server = await ReferenceServer.start({
      inHost: true,
      env: { HTTP_ADAPTER, STORAGE: 'memory', LOG_LEVEL: 'trace' },
    });
    const client = new BrowserClient(server.url, { authorization: `Bearer ${BEARER}`, 'x-api-key': HEADER });
    client.cookies.set('other', COOKIE);
    await client.post(`/api/code?token=${QUERY}`, { code: JSON_BODY });
    const [first, secret] = client.cookies.get('sid')!.split('.');
    handle = first!;
    await client.request('POST', '/api/code', { body: new URLSearchParams({ code: FORM, password: FORM }) });
    await client.request('POST', '/api/code', {
      body: `{"password": "${BROKEN_BODY}`,
      headers: { 'content-type': 'application/json' },
    });
    await client.get(`/none?${QUERY}`);
    await client.get(`/%?${QUERY}`);
    await client.post('/api/session/renew');
    secrets = [...SECRETS, secret!, client.cookies.get('sid')!.split('.')[1]!];
    await exchange(server.url, `GET / HTTP/1.1\r\nHost: x\r\n${HEADER}\r\n\r\n`);
    await server.discard();
  });

  afterAll(cleanUp);

  it('holds none of the secrets, at any level', () => {
    for (const secret of secrets) expect(server.stdout + server.stderr).not.toContain(secret);
  });

  it('tells of each request what an operator needs, and no more', () => {
    const requests = server.logLines.filter((line) => 'path' in line);
    expect(requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'POST /api/code 200',
      'POST /api/code 200',
      'POST /api/code 400',
      'GET /none 404',
      'GET /% 400',
      'POST /api/session/renew 204',
    ]);
    for (const line of requests) {
      const { session, ...rest } = line;
      expect(Object.keys(rest).sort()).toEqual(['level', 'method', 'ms', 'msg', 'path', 'request', 'status', 'time']);
      expect([handle, undefined]).toContain(session);
    }
    expect(requests[0]).toMatchObject({
      session: handle,
      ms: expect.any(Number),
      request: expect.stringMatching(/^[\da-f-]{36}$/),
    });
  });
});

describe.each(['fastify', 'express'])('the log of addresses, on %s', (HTTP_ADAPTER) => {
  afterAll(cleanUp);

  const handle = 'hAndle-22_characters-x';
  const secret = 'sEcret-with_43-characters-0123456789-abcdef';
  const token = `${handle}.${secret}`;
  const key = `gh_${handle}_${secret}`;
  const escaped = [...token].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('');

  const addresses: readonly (readonly [asked: string, logged: string])[] = [
    [`/s/${token}`, `/s/${handle}.*`],
    [`/s/${token}/rest`, `/s/${handle}.*/rest`],
    [`/sid=${token};x`, `/sid=${handle}.*;x`],
    [`/${token}${token}`, `/${handle}.*.*`],
    [`/${handle}%2e${secret}`, `/${handle}.*`],
    [`/${escaped}`, `/${handle}.*`],
    [`/${handle}/${secret}`, `/${handle}/*`],
    [`/keys/${key}`, '/keys/gh_*'],
    [`/Bearer%20${key}`, '/Bearer%20gh_*'],
    [`/x#${token}`, '/x'],
    [`/x?a=${token}`, '/x'],
    [`http://x/${token}`, `/${handle}.*`],
    [`/${handle}`, `/${handle}`],
    ['/assets/home.css', '/assets/home.css'],
    ['/an-article-about-somebody-and-something-that-goes-on', '/an-article-about-somebody-and-something-that-goes-on'],
  ];

  it('shows nothing that has the shape of a token or a key', async () => {
    expect(secret).toHaveLength(43);
    const server = await ReferenceServer.start({
      inHost: true,
      env: { HTTP_ADAPTER, STORAGE: 'memory', LOG_LEVEL: 'trace' },
    });
    for (const [asked] of addresses) {
      await exchange(
        server.url,
        `GET ${asked} HTTP/1.1\r\nHost: x\r\nReferer: http://x/${token}\r\nConnection: close\r\n\r\n`,
      );
    }
    await server.discard();

    const paths = server.logLines.filter((line) => 'path' in line).map((line) => line['path']);
    expect(paths).toEqual(addresses.map(([, logged]) => logged));
    expect(server.stdout + server.stderr).not.toContain(secret);
  });
});

describe.each(['fastify', 'express'])('a fault of the server, on %s', (HTTP_ADAPTER) => {
  afterAll(cleanUp);

  it('is logged with its stack, and answered without', async () => {
    const server = await ReferenceServer.start({
      inHost: true,
      preload: ['test/support/servers/failing-store.mjs'],
      env: { HTTP_ADAPTER, STORAGE: 'memory', TEST_STORE_FAILS: process.cwd() },
    });
    const answer = await new BrowserClient(server.url).post('/api/code', { code: 'x' });
    await server.waitFor(/disk-7f3a/);

    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('disk-7f3a');
    const failures = server.logLines.filter(({ err }) => err !== undefined);
    expect(failures).toMatchObject([
      { operation: 'insert', err: { stack: expect.stringMatching(/disk-7f3a[^]*failing-store\.mjs/) } },
    ]);
  });
});
