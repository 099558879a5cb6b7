import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import connectMongo from 'connect-mongo';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { ExpressSessionStoreAdapter, type ExpressSessionStore, type StorageHarness } from 'nest-gatehouse/testing';
import pg from 'pg';
import { createClient } from 'redis';
import { NotOfferedError } from './contract-cases.js';
import type { Servers } from './servers.js';

const require = createRequire(import.meta.url);

interface OpenStore {
  readonly store: ExpressSessionStore;
  close(): unknown;
}

/** A store that others have made. */
export interface OtherStore {
  readonly name: string;
  readonly packageName: string;
  open(servers: Servers): Promise<OpenStore>;
}

/** Longer than a pool needs to open its connections, so that parallel requests really overlap. */
const HANDLER_TIME = 50;
const NO_LOG = () => undefined;

export const OTHER_STORES: readonly OtherStore[] = [
  {
    name: 'MemoryStore',
    packageName: 'express-session',
    open: async () => ({ store: new session.MemoryStore(), close: NO_LOG }),
  },
  {
    name: '@fastify/session',
    packageName: '@fastify/session',
    open: async () => {
      const { Store } = require('@fastify/session') as { Store: new () => ExpressSessionStore };
      return { store: new Store(), close: NO_LOG };
    },
  },
  {
    name: 'session-file-store',
    packageName: 'session-file-store',
    open: async () => {
      type FileStore = new (options: object) => ExpressSessionStore;
      const create = require('session-file-store') as (library: typeof session) => FileStore;
      const path = await mkdtemp(join(tmpdir(), 'conformance-'));
      const store = new (create(session))({ path, logFn: NO_LOG, reapInterval: -1 });
      return { store, close: () => rm(path, { recursive: true, force: true }) };
    },
  },
  {
    name: 'connect-redis',
    packageName: 'connect-redis',
    open: async ({ redisUrl }) => {
      const client = await createClient({ url: redisUrl }).connect();
      return { store: new RedisStore({ client, prefix: `${unique()}:` }), close: () => client.close() };
    },
  },
  {
    name: 'connect-pg-simple',
    packageName: 'connect-pg-simple',
    open: async ({ postgresUrl }) => {
      type PgStore = ExpressSessionStore & { close(): Promise<void> };
      const create = require('connect-pg-simple') as (library: typeof session) => new (options: object) => PgStore;
      await emptyPostgresTable(postgresUrl);
      const options = { conString: postgresUrl, pruneSessionInterval: false, errorLog: NO_LOG };
      const store = new (create(session))(options);
      return { store, close: () => store.close() };
    },
  },
  {
    name: 'connect-mongo',
    packageName: 'connect-mongo',
    open: async ({ mongodbUrl }) => {
      // Its index would still be being made when it closes; what has expired is left out by its reads.
      const store = connectMongo.create({ mongoUrl: mongodbUrl, dbName: unique(), autoRemove: 'disabled' });
      return { store, close: () => store.close() };
    },
  },
];

/** The store behind our contract. It has neither an index nor locks, so rules that need one are not asked of it. */
export async function harnessOf(other: OtherStore, servers: Servers): Promise<StorageHarness> {
  const { store, close } = await other.open(servers);
  const absent = new Proxy({}, { get: () => refuse }) as never;
  return {
    store: new ExpressSessionStoreAdapter(store, { handlerTime: HANDLER_TIME }),
    index: absent,
    locks: absent,
    now: () => Date.now(),
    elapse: (milliseconds) => pause(milliseconds),
    close: async () => void (await close()),
  };
}

export function versionOf(packageName: string): string {
  const manifest = readFileSync(join('node_modules', packageName, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** As the package's own script makes it. */
async function emptyPostgresTable(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const script = readFileSync(require.resolve('connect-pg-simple/table.sql'), 'utf8');
  await client.query(`DROP TABLE IF EXISTS session; ${script}`);
  await client.end();
}

function refuse(): never {
  throw new NotOfferedError();
}

function unique(): string {
  return `conformance_${randomBytes(6).toString('hex')}`;
}
