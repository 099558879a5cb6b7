import type { INestApplication } from '@nestjs/common';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastifyCookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import expressSession from 'express-session';
import { MemoryStorageModule, SessionModule, type SessionModuleOptions } from 'nest-gatehouse/session';
import type { BenchServer } from './bench-server.js';
import { mongodbServers } from './mongodb-servers.js';

const SECRET = 'a secret of the benchmark, 32 bytes and more';
// Ten thousand keys in one session are a case of their own: 64 KiB would not hold them, and on a busy machine saving them takes its time.
const OPTIONS: SessionModuleOptions = {
  cookie: { secure: false },
  maxDataBytes: '4mb',
  storeDeadline: '30s',
  // All visitors of the benchmark are anonymous, and come from one address.
  maxAnonymousSessions: 0,
  maxAnonymousBytes: 0,
  anonymousPerNetwork: 0,
};

async function inMemory() {
  return [MemoryStorageModule.forRoot(), SessionModule.forRoot(OPTIONS)];
}

/** In production only the start is examined, unless told otherwise. */
function withDoctor(platform: BenchServer['platform'], doctor: boolean): BenchServer {
  return {
    id: `${platform}-memory-doctor-${doctor}`,
    label: `Gatehouse, memory, doctor: ${doctor}`,
    platform,
    storage: 'memory',
    against: `${platform}-memory`,
    forCost: true,
    imports: async () => [MemoryStorageModule.forRoot(), SessionModule.forRoot({ ...OPTIONS, doctor })],
  };
}

async function inSqlite() {
  const { SqliteStorageModule } = await import('nest-gatehouse/sqlite');
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return [
    SqliteStorageModule.forRoot({ file: join(directory, 'bench.db'), writeDeadline: '30s' }),
    SessionModule.forRoot(OPTIONS),
  ];
}

function useFastifySession(rolling: boolean) {
  const options = { secret: SECRET, saveUninitialized: false, rolling, cookie: { secure: false } };
  return async (app: INestApplication) => {
    // Nest's types of `register` know their own copy of Fastify only.
    const { register } = app as { register(plugin: unknown, options?: object): Promise<unknown> } & INestApplication;
    await register.call(app, fastifyCookie);
    await register.call(app, fastifySession, options);
  };
}

function useExpressSession(app: INestApplication) {
  app.use(expressSession({ secret: SECRET, resave: false, saveUninitialized: false }));
}

export const SERVERS: readonly BenchServer[] = [
  { id: 'fastify-bare', label: 'Nest + Fastify', platform: 'fastify', storage: 'none' },
  {
    id: 'fastify-memory',
    label: 'Gatehouse, memory',
    platform: 'fastify',
    storage: 'memory',
    against: 'fastify-session',
    imports: inMemory,
  },
  withDoctor('fastify', false),
  withDoctor('fastify', true),
  {
    id: 'fastify-sqlite',
    label: 'Gatehouse, SQLite',
    platform: 'fastify',
    storage: 'sqlite',
    against: 'fastify-session',
    imports: inSqlite,
  },
  {
    id: 'fastify-session',
    label: '@fastify/session, memory, rolling off',
    platform: 'fastify',
    storage: 'memory',
    prepare: useFastifySession(false),
  },
  {
    id: 'fastify-session-rolling',
    label: '@fastify/session, memory, rolling on',
    platform: 'fastify',
    storage: 'memory',
    prepare: useFastifySession(true),
  },
  { id: 'express-bare', label: 'Nest + Express', platform: 'express', storage: 'none' },
  {
    id: 'express-memory',
    label: 'Gatehouse, memory',
    platform: 'express',
    storage: 'memory',
    against: 'express-session',
    imports: inMemory,
  },
  withDoctor('express', false),
  withDoctor('express', true),
  {
    id: 'express-sqlite',
    label: 'Gatehouse, SQLite',
    platform: 'express',
    storage: 'sqlite',
    against: 'express-session',
    imports: inSqlite,
  },
  {
    id: 'express-session',
    label: 'express-session, MemoryStore',
    platform: 'express',
    storage: 'memory',
    prepare: useExpressSession,
  },
  ...mongodbServers(OPTIONS),
];

export function hasSessions(server: BenchServer): boolean {
  return server.storage !== 'none';
}

export function nameOf({ label, platform }: BenchServer): string {
  return `${label} (${platform})`;
}
