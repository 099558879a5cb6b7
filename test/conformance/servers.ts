import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClient } from 'redis';
import pg from 'pg';
import { freePort } from '../support/free-port.js';
import { Mongod } from '../support/mongod/mongod.js';

const run = promisify(execFile);

/** Servers of our own, for as long as the stores are looked at. */
export interface Servers {
  readonly redisUrl: string;
  readonly postgresUrl: string;
  readonly mongodbUrl: string;
}

const START_ATTEMPTS = 100;
const PAUSE = 200;
const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** @throws Error if one is not installed: Redis and PostgreSQL are Debian's packages `redis-server` and `postgresql` */
export async function withServers(work: (servers: Servers) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-'));
  await chmod(directory, 0o755);
  const children: ChildProcess[] = [];
  let mongod: Mongod | undefined;
  try {
    const redisUrl = await startRedis(directory, children);
    const postgresUrl = await startPostgres(directory, children);
    mongod = await Mongod.start();
    await work({ redisUrl, postgresUrl, mongodbUrl: mongod.uri });
  } finally {
    for (const child of children.filter(({ exitCode }) => exitCode === null)) {
      child.kill('SIGINT');
      await once(child, 'exit');
    }
    await mongod?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function startRedis(directory: string, children: ChildProcess[]): Promise<string> {
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory];
  children.push(spawn('redis-server', flags, { stdio: 'ignore' }));
  const url = `redis://127.0.0.1:${port}`;
  await eventually('redis-server', async () => {
    const client = createClient({ url, socket: { reconnectStrategy: false } }).on('error', () => undefined);
    await (await client.connect()).close();
  });
  return url;
}

/** PostgreSQL refuses to run as root, so root runs it as `postgres`. */
async function startPostgres(directory: string, children: ChildProcess[]): Promise<string> {
  const [newest] = (await readdir(DEBIAN_POSTGRES)).sort((a, b) => Number(b) - Number(a));
  const program = (name: string) => join(DEBIAN_POSTGRES, newest!, 'bin', name);
  const owner = process.getuid?.() === 0 ? await idsOf('postgres') : {};
  const data = join(directory, 'postgres');
  await mkdir(data);
  if (owner.uid !== undefined) await chown(data, owner.uid, owner.gid!);
  const place = { cwd: data, ...owner };
  await run(program('initdb'), ['-D', data, '-U', 'conformance', '-A', 'trust', '--no-sync'], place);
  const port = await freePort();
  const flags = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  children.push(spawn(program('postgres'), flags, { stdio: 'ignore', ...place }));
  const url = `postgres://conformance@127.0.0.1:${port}/postgres`;
  await eventually('postgres', async () => {
    const client = new pg.Client(url);
    await client.connect();
    await client.end();
  });
  return url;
}

async function idsOf(user: string): Promise<{ uid?: number; gid?: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
  );
  return { uid, gid };
}

async function eventually(name: string, attempt: () => Promise<void>): Promise<void> {
  for (let left = START_ATTEMPTS; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw new Error(`${name} does not answer; is it installed?`, { cause: error });
      await pause(PAUSE);
    }
  }
}
