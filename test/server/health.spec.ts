import { open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { until } from '../support/latch.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

describe.each(['fastify', 'express'])('a store that fails, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let switchFile: string;

  const breakStore = () => writeFile(switchFile, '');
  const mendStore = () => rm(switchFile, { force: true });

  beforeAll(async () => {
    switchFile = join(await temporaryDirectory(), 'fails');
    server = await ReferenceServer.start({
      inHost: true,
      preload: ['test/support/servers/failing-store.mjs'],
      env: { HTTP_ADAPTER, STORAGE: 'memory', TEST_STORE_FAILS: switchFile },
    });
  });

  afterAll(cleanUp);

  it('makes the server unready, not dead, and names the part', async () => {
    const client = new BrowserClient(server.url);
    expect((await client.get('/health/ready')).json()).toMatchObject({
      status: 'ok',
      info: { session_store: { status: 'up' } },
    });

    await breakStore();
    const ready = await client.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.headers.get('content-type')).toContain('application/problem+json');
    expect(ready.headers.get('retry-after')).toBe('1');
    expect(ready.json()).toMatchObject({ status: 503, code: 'not_ready', errors: [{ field: 'session_store' }] });
    expect((await client.get('/health/live')).status).toBe(200);

    await mendStore();
    expect((await client.get('/health/ready')).status).toBe(200);
  });

  it('answers 503 without a cookie, and the session is there again afterwards', async () => {
    const client = new BrowserClient(server.url);
    await client.post('/api/code', { code: 'before' });

    await breakStore();
    const [read, write, stranger, page] = await Promise.all([
      client.get('/api/code'),
      client.post('/api/code', { code: 'meanwhile' }),
      new BrowserClient(server.url).post('/api/code', { code: 'new' }),
      client.get('/', { headers: { accept: 'text/html' } }),
    ]);
    for (const answer of [read, write, stranger]) {
      expect(answer.status).toBe(503);
      expect(answer.json()).toMatchObject({ code: 'store_unavailable' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(page.status).toBe(503);
    expect(page.text).toContain('store_unavailable');
    for (const answer of [read, write, stranger, page]) {
      expect(answer.setCookies).toEqual([]);
      expect(answer.text).not.toMatch(/disk-7f3a|driver-91bc|\.js/);
    }

    await mendStore();
    expect((await client.get('/api/code')).json()).toEqual({ result: 'before' });
  });

  it('does not matter to a visitor without a session', async () => {
    await breakStore();
    expect((await new BrowserClient(server.url).get('/api/code')).json()).toEqual({ result: null });
    await mendStore();
  });
});

describe.each(['fastify', 'express'])('a SQLite file, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let file: string;

  beforeEach(async () => {
    const directory = await temporaryDirectory();
    file = join(directory, 'data', 'gatehouse.db');
    server = await ReferenceServer.start({ inHost: true, directory, env: { HTTP_ADAPTER } });
  });

  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  async function expectUnready(words: string): Promise<void> {
    const ready = await new BrowserClient(server.url).get('/health/ready');
    expect(ready.status).toBe(503);
    expect(ready.json()).toMatchObject({ code: 'not_ready', errors: [{ field: 'session_store', message: words }] });
    expect(ready.text).not.toMatch(/sqlite|gatehouse\.db|data\//i);
    expect((await new BrowserClient(server.url).get('/health/live')).status).toBe(200);
  }

  it('that is deleted makes the server unready, and nothing more is confirmed', async () => {
    const [client, leaving] = [new BrowserClient(server.url), new BrowserClient(server.url)];
    for (const visitor of [client, leaving]) await visitor.post('/api/code', { code: 'before' });
    expect((await client.get('/health/ready')).status).toBe(200);
    await rm(file);

    const answers = await Promise.all([
      client.post('/api/code', { code: 'after' }),
      new BrowserClient(server.url).post('/api/code', { code: 'new' }),
      leaving.post('/api/session/end'),
      leaving.post('/auth/logout'),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.json()).toMatchObject({ code: 'store_unavailable' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.setCookies).toEqual([]);
    }
    await expectUnready('cannot be read or written');
    await expectUnready('cannot be read or written');
    const told = server.logLines.filter(({ context }) => context === 'Health');
    expect(told.map(({ msg }) => msg)).toEqual([expect.stringMatching(/not ready: .*deleted, moved or replaced/)]);
  });

  it('whose pages are overwritten makes the server unready, for good', async () => {
    const client = new BrowserClient(server.url);
    await client.post('/api/code', { code: 'before' });
    expect((await client.get('/health/ready')).status).toBe(200);
    const { size } = await stat(file);
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(size - 8_192, 0xa5), 0, size - 8_192, 8_192);
    await handle.close();
    const isReady = async () => (await client.get('/health/ready')).status === 200;
    await until('it is not ready', async () => !(await isReady()));
    await expectUnready('is damaged');
    expect((await new BrowserClient(server.url).post('/api/code', { code: 'new' })).status).toBe(503);
    await expectUnready('is damaged');
  });
});
