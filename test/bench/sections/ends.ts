import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import { MongooseDatabase } from 'nest-gatehouse/mongoose';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { sessionAt } from 'nest-gatehouse/testing';
import type { Scale } from '../scale.js';
import { MONGODB_URI } from '../servers/mongodb-servers.js';
import { median, p99 } from '../statistics.js';
import { oneDecimal, table, type Row } from '../table.js';
import { documentOf, filledSqlite } from './million.js';
import { commandLine, login, start, PASSWORD } from './sign-in-server.js';

const ADMINISTRATOR = 'ada';
const USERS = 5_000;
const AT_ONCE = 5_000;
const BEFORE = 2_000;
const POLL = 250;
const FILTER = { userPrefix: 'visitor' };
const JSON_TYPE = { 'content-type': 'application/json' };

interface Place {
  readonly env: NodeJS.ProcessEnv;
  discard(): Promise<void>;
}

const STORES = { SQLite: inSqlite, MongoDB: inMongodb };

/** How long an administrator's end of many sessions takes, and how long everybody else waits for an answer meanwhile. */
export async function endMany({ endedSessions: size }: Scale): Promise<string> {
  const rows: Row[] = [];
  for (const [name, fill] of Object.entries(STORES)) {
    if (fill === inMongodb && process.env[MONGODB_URI] === undefined) continue;
    const { env, discard } = await fill(crowd(size));
    try {
      rows.push([name, ...(await measure({ PATH: process.env.PATH, PORT: '0', ...env }, size))]);
    } finally {
      await discard();
    }
  }
  const head = ['store', 'seconds', 'a second', 'reads', 'median ms', 'p99 ms', 'slowest ms', 'p99 before'];
  return `${size} sessions of ${USERS} users, ended by a filter; one visitor reads a session all the time.\n\n${table(head, rows)}`;
}

function crowd(size: number): SessionRecord[] {
  const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
  return Array.from({ length: size }, (_, n) =>
    sessionAt(Date.now(), {
      userId: `user-id-${n % USERS}`,
      username: `visitor${n % USERS}`,
      ip: `10.0.${n % 256}.7`,
      userAgent,
      data: '{"cart":["tea","coffee"],"visits":3}',
    }),
  );
}

async function measure(env: NodeJS.ProcessEnv, size: number): Promise<number[]> {
  await commandLine(env, ['user:create', ADMINISTRATOR, '--role', 'admin', '--password-stdin', '--final'], PASSWORD);
  const { url, child } = await start(env);
  try {
    const signedIn = await login(url, ADMINISTRATOR, PASSWORD);
    const cookie = signedIn.headers.getSetCookie()[0]!.split(';', 1)[0]!;
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(url + path, { ...init, headers: { cookie, ...JSON_TYPE } });

    const before = await reads(ask, pause(BEFORE));
    const since = performance.now();
    const ending = end(ask);
    const times = await reads(ask, ending);
    assert.deepEqual(await ending, { matched: size, ended: size });
    const seconds = (performance.now() - since) / 1_000;
    const trail = await ask('/admin/api/sessions?state=ended&total=true&limit=1');
    assert.equal(((await trail.json()) as { total: number }).total, size, 'each end is on record once');
    const figures = [median(times), p99(times), Math.max(...times), p99(before)];
    return [seconds, size / seconds].map(oneDecimal).concat(times.length, figures.map(oneDecimal));
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>;

async function end(ask: Ask): Promise<object> {
  const answer = await ask('/admin/api/sessions/end', { method: 'POST', body: JSON.stringify({ filter: FILTER }) });
  if (answer.status !== 202) return (await answer.json()) as object;
  await answer.arrayBuffer();
  for (;;) {
    await pause(POLL);
    const job = await ask(answer.headers.get('location')!);
    const { state, ...counts } = (await job.json()) as { state: string };
    if (state !== 'running') return counts;
  }
}

/** How long each of these took, one after the other, until this is over. */
async function reads(ask: Ask, over: Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  let isOver = false;
  const stop = () => void (isOver = true);
  over.then(stop, stop);
  while (!isOver) {
    const since = performance.now();
    const answer = await ask('/api/session');
    await answer.arrayBuffer();
    assert.equal(answer.status, 200);
    times.push(performance.now() - since);
  }
  return times;
}

async function inSqlite(records: readonly SessionRecord[]): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const file = join(directory, 'ends.db');
  const database = await filledSqlite(file, records);
  await database.close();
  return {
    env: { SQLITE_FILE: file },
    discard: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
  };
}

async function inMongodb(records: readonly SessionRecord[]): Promise<Place> {
  const uri = new URL(process.env[MONGODB_URI]!);
  uri.pathname = '/bench_ends';
  const connection = await mongoose.createConnection(uri.href).asPromise();
  await MongooseDatabase.open(connection, { operationDeadline: '30s' });
  const sessions = connection.db!.collection<{ _id: string }>('gatehouse_sessions');
  for (let at = 0; at < records.length; at += AT_ONCE)
    await sessions.insertMany(records.slice(at, at + AT_ONCE).map(documentOf), { ordered: false });
  const discard = async () => {
    await connection.dropDatabase();
    await connection.close();
  };
  return { env: { STORAGE: 'mongoose', MONGODB_URI: uri.href }, discard };
}
