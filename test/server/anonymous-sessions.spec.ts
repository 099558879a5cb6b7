import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { SqliteDatabase } from 'nest-gatehouse/sqlite';
import { ADMINISTRATOR, signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { until } from '../support/latch.js';
import { Mongod } from '../support/mongod/mongod.js';
import { describeWithMongod } from '../support/mongod/mongod-run.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

const LARGE = 'x'.repeat(60_000);
const OVERHEAD = 1_024;
const MEBIBYTE = 1_048_576;

interface Usage {
  readonly sessions: number;
  readonly bytes: number;
}

/** Where two servers keep their sessions, and a look into it that no request has a part in. */
interface Place {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  usage(): Promise<Usage>;
}

async function onSqlite(): Promise<Place> {
  const directory = await temporaryDirectory();
  return {
    directory,
    env: { STORAGE: 'sqlite' },
    async usage() {
      const database = await SqliteDatabase.open({ file: join(directory, 'data', 'gatehouse.db') });
      const counted = database
        .statement('SELECT count(*) AS sessions, sum(length(data)) AS data FROM sessions WHERE user_id IS NULL')
        .get() as { sessions: number; data: number | null };
      await database.close();
      return { sessions: counted.sessions, bytes: (counted.data ?? 0) + counted.sessions * OVERHEAD };
    },
  };
}

async function onMongodb(mongod: Mongod, name: string): Promise<Place> {
  const uri = `mongodb://127.0.0.1:${mongod.port}/${name}?directConnection=true`;
  return {
    directory: await temporaryDirectory(),
    env: { STORAGE: 'mongoose', MONGODB_URI: uri },
    async usage() {
      const connection = await mongoose.createConnection(uri).asPromise();
      const found = await connection.db!.collection('gatehouse_sessions').find({ userId: null }).toArray();
      await connection.close();
      const bytes = found.reduce((sum, { data }) => sum + JSON.stringify(data).length + OVERHEAD, 0);
      return { sessions: found.length, bytes };
    },
  };
}

/** Strangers who each keep 60 KB, through two servers at once. */
async function flood(servers: readonly ReferenceServer[], count: number): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      new BrowserClient(servers[n % servers.length]!.url).post('/api/code', { code: LARGE }),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
}

function holdsTheBounds(HTTP_ADAPTER: string, open: () => Promise<Place>): void {
  it('holds the bounds under a flood through two servers, through a crash, and from the start on', async () => {
    const place = await open();
    const bounds = { ANONYMOUS_PER_NETWORK: '0', MAX_ANONYMOUS_SESSIONS: '30', MAX_ANONYMOUS_BYTES: '1mb' };
    const env = { HTTP_ADAPTER, LOG_LEVEL: 'error', ...place.env, ...bounds };
    const one = await startWithAdministrator({ directory: place.directory, env });
    const two = await ReferenceServer.start({ directory: place.directory, env });
    const users = [await signInTo(one), await signInTo(two)];

    for (let round = 0; round < 2; round++) {
      await flood([one, two], 40);
      const { sessions, bytes } = await place.usage();
      expect(bytes).toBeLessThanOrEqual(MEBIBYTE);
      expect(sessions).toBeGreaterThanOrEqual(15);
    }
    for (let n = 0; n < 40; n++) await new BrowserClient(one.url).post('/api/code', { code: 'small' });
    expect((await place.usage()).sessions).toBe(30);

    const [crashed] = await Promise.all([flood([two], 20).catch(() => 'crashed'), one.kill('SIGKILL')]);
    expect(crashed).toBeUndefined();
    await two.kill('SIGKILL');
    const fewer = { ...env, MAX_ANONYMOUS_SESSIONS: '5', SWEEP_INTERVAL: '200ms' };
    const again = await ReferenceServer.start({ directory: place.directory, env: fewer });
    await until('what is left is within the new bounds', async () => (await place.usage()).sessions === 5);
    for (const user of users) {
      const cookie = `sid=${user.cookies.get('sid')}`;
      expect((await new BrowserClient(again.url, { cookie }).get('/auth/me')).status).toBe(200);
    }
    expect((await again.kill('SIGTERM')).code).toBe(0);
  }, 120_000);
}

describe.each(['fastify', 'express'])('anonymous sessions of the reference server, on %s', (HTTP_ADAPTER) => {
  /** Fastify does on MongoDB: processes and storages know no platform. */
  if (HTTP_ADAPTER === 'express') holdsTheBounds(HTTP_ADAPTER, onSqlite);
  const onOne = HTTP_ADAPTER === 'fastify' ? it : () => undefined;

  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it('are so many for a network and minute, and one more is 429 and stores nothing', async () => {
    const place = await onSqlite();
    const env = { HTTP_ADAPTER, ...place.env, ANONYMOUS_PER_NETWORK: '3', TRUST_PROXY: 'loopback' };
    const server = await startWithAdministrator({ directory: place.directory, env });
    const visitors = Array.from({ length: 3 }, () => new BrowserClient(server.url));
    for (const visitor of visitors) expect((await visitor.post('/api/code', { code: 'a' })).status).toBe(200);
    const refused = await new BrowserClient(server.url).post('/api/code', { code: 'b' });
    expect([refused.status, refused.json()['code'], refused.setCookies]).toEqual([429, 'too_many_sessions', []]);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await place.usage()).sessions).toBe(3);

    const page = await new BrowserClient(server.url, { accept: 'text/html' }).post('/api/code', { code: 'b' });
    expect([page.status, page.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await visitors[0]!.post('/api/code', { code: 'c' })).status).toBe(200);
    expect((await new BrowserClient(server.url).get('/api/code')).status).toBe(200);
    expect((await new BrowserClient(server.url).post('/auth/login', ADMINISTRATOR)).status).toBe(200);
    const other = new BrowserClient(server.url, { 'x-forwarded-for': '192.0.2.7' });
    expect((await other.post('/api/code', { code: 'd' })).status).toBe(200);
    expect((await place.usage()).sessions).toBe(4);
  });

  onOne('are bounded unless somebody says otherwise', async () => {
    const place = await onSqlite();
    const env = { HTTP_ADAPTER, ...place.env };
    const server = await startWithAdministrator({ directory: place.directory, env });
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => new BrowserClient(server.url).post('/api/code', { code: LARGE })),
    );
    const kept = answers.filter(({ status }) => status === 200).length;
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(100 - kept);
    expect(kept).toBe(67);
    expect((await place.usage()).sessions).toBe(kept);
  });
});

describeWithMongod('anonymous sessions of the reference server on MongoDB', () => {
  let mongod: Mongod;

  beforeAll(async () => {
    mongod = await Mongod.start();
  });

  afterAll(async () => {
    await cleanUp();
    await mongod?.stop();
  });

  holdsTheBounds('fastify', () => onMongodb(mongod, 'bounds'));
});
