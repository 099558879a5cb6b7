import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { until } from '../support/latch.js';
import { Mongod } from '../support/mongod/mongod.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';
import { SlowProxy } from '../support/browser/slow-proxy.js';

const DELAY = 2_000;

describeWithMongod('the reference server on MongoDB', () => {
  let mongod: Mongod;

  beforeAll(async () => {
    mongod = await Mongod.start();
  });

  afterAll(async () => {
    await cleanUp();
    await mongod?.stop();
  });

  describe.each(['fastify', 'express'])('on %s', (HTTP_ADAPTER) => {
    const start = (env: Record<string, string> = {}, port = mongod.port) =>
      ReferenceServer.start({
        inHost: true,
        env: {
          STORAGE: 'mongoose',
          MONGODB_URI: `mongodb://127.0.0.1:${port}/on_${HTTP_ADAPTER}?directConnection=true`,
          STORE_DEADLINE: '500ms',
          LOG_LEVEL: 'error',
          HTTP_ADAPTER,
          ...env,
        },
      });

    async function visitor(server: ReferenceServer, code: string): Promise<BrowserClient> {
      const client = new BrowserClient(server.url);
      await until('the store answers in time', async () => (await client.post('/api/code', { code })).status === 200);
      return client;
    }

    function elsewhere(server: ReferenceServer, client: BrowserClient): BrowserClient {
      return new BrowserClient(server.url, { cookie: `sid=${client.cookies.get('sid')}` });
    }

    /** 503 with everything that belongs to it, while the process itself is well. */
    async function expectOutage(server: ReferenceServer, client: BrowserClient): Promise<void> {
      const [read, write, ready, live] = await Promise.all([
        elsewhere(server, client).get('/api/code'),
        elsewhere(server, client).post('/api/code', { code: 'lost' }),
        new BrowserClient(server.url).get('/health/ready'),
        new BrowserClient(server.url).get('/health/live'),
      ]);
      for (const answer of [read, write]) {
        expect([answer.status, answer.json()['code'], answer.setCookies]).toEqual([503, 'store_unavailable', []]);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(answer.text).not.toMatch(/mongo|127\.0\.0\.1|\.js/i);
      }
      expect(ready.status).toBe(503);
      expect(ready.json()).toMatchObject({ code: 'not_ready', errors: [{ field: 'session_store' }] });
      expect(live.status).toBe(200);
    }

    /** What was written during the outage was not acknowledged, and may have happened all the same. */
    const recovered = (server: ReferenceServer, client: BrowserClient) =>
      until('the store is back, with what it had', async () => {
        const answer = await elsewhere(server, client).get('/api/code');
        return answer.status === 200 && ['before', 'lost'].includes(String(answer.json()['result']));
      });

    it('shares sessions and their ends with another instance, and keeps them over a restart', async () => {
      const [one, two] = [await start(), await start()];
      const [kept, ended] = [await visitor(one, 'kept'), await visitor(one, 'ended')];
      expect((await elsewhere(two, kept).get('/api/code')).json()).toEqual({ result: 'kept' });
      expect((await elsewhere(two, kept).post('/api/code', { code: 'changed' })).status).toBe(200);
      expect((await elsewhere(two, ended).post('/api/session/end')).status).toBe(204);
      expect((await kept.get('/api/code')).json()).toEqual({ result: 'changed' });
      expect((await elsewhere(one, ended).get('/api/session')).json()).toEqual({ active: false });

      expect((await one.kill('SIGTERM')).code).toBe(0);
      await two.discard();
      const again = await start();
      expect((await elsewhere(again, kept).get('/api/code')).json()).toEqual({ result: 'changed' });
      expect((await elsewhere(again, ended).get('/api/session')).json()).toEqual({ active: false });
      await again.discard();
    });

    it('says 503 while mongod is killed or stopped, and recovers without a restart', async () => {
      const server = await start();
      const client = await visitor(server, 'before');
      await mongod.kill();
      await expectOutage(server, client);
      await mongod.restart();
      await recovered(server, client);

      mongod.signal('SIGSTOP');
      try {
        await expectOutage(server, client);
        await expectOutage(server, client);
      } finally {
        mongod.signal('SIGCONT');
      }
      await recovered(server, client);
      await server.discard();
    });

    it(`keeps to its deadline where every answer of the database is ${DELAY} ms late`, async () => {
      const proxy = await SlowProxy.to(mongod.port);
      const server = await start({}, proxy.port);
      const client = await visitor(server, 'before');
      proxy.delay = DELAY;
      await expectOutage(server, client);
      proxy.delay = 0;
      await recovered(server, client);
      await server.discard();
      await proxy.close();
    });
  });

  describe('that cannot start', () => {
    async function failToStart(env: Record<string, string>): Promise<string> {
      const server = await ReferenceServer.launch({ env: { STORAGE: 'mongoose', LOG_LEVEL: 'silent', ...env } });
      expect((await server.exit).code).toBe(1);
      expect(server.stdout).toBe('');
      return server.stderr;
    }

    it('names the server that does not answer, and no password', async () => {
      const message = await failToStart({ MONGODB_URI: 'mongodb://ann:hunter2@127.0.0.1:1/gatehouse' });
      expect(message).toMatch(
        /^Gatehouse cannot start .*:\n {2}MONGODB_URI: no server answers at 127\.0\.0\.1:1 .*\n$/,
      );
    });

    it.each(['localhost', 'mongodb://', 'mongodb://a:b:c@d/%', 'mongodb://127.0.0.1/?w=few&nonsense=1'])(
      'names a connection string that is none: %s',
      async (MONGODB_URI) => {
        const message = await failToStart({ MONGODB_URI });
        expect(message).toMatch(/^Gatehouse cannot start .*:\n {2}MONGODB_URI: .*\n$/);
      },
    );

    it('has the commands for the indexes that are missing', async () => {
      const MONGODB_URI = `mongodb://127.0.0.1:${mongod.port}/without_indexes`;
      const message = await failToStart({ MONGODB_URI, MONGODB_AUTO_INDEX: 'false' });
      expect(message).toMatch(/^Gatehouse cannot start: MONGODB_URI: /);
      expect(message).toContain('db.getCollection("gatehouse_sessions").createIndex({"expiresAt":1}');
      expect(message).not.toMatch(/\n\s+at /);
    });
  });
});

describe('the reference server on another storage', () => {
  afterAll(cleanUp);

  it('loads neither Mongoose nor the driver of MongoDB', async () => {
    const preload = ['test/support/servers/without-mongoose.mjs'];
    const server = await ReferenceServer.start({ preload, isUnbundled: true, env: { STORAGE: 'sqlite' } });
    expect((await new BrowserClient(server.url).get('/health/ready')).status).toBe(200);
    const refused = await ReferenceServer.launch({ preload, isUnbundled: true, env: { STORAGE: 'mongoose' } });
    expect((await refused.exit).code).toBe(1);
    expect(refused.stderr).toContain('was loaded');
  });
});
