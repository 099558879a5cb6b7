import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import mongoose from 'mongoose';
import type { Clock } from 'nest-gatehouse/common';
import { MongooseDatabase, MongooseSessionIndex, MongooseSessionStore } from 'nest-gatehouse/mongoose';
import {
  addressKey,
  deviceKey,
  encodeSessionCursor,
  type SessionIndex,
  type SessionRecord,
} from 'nest-gatehouse/session/storage';
import { SqliteDatabase, SqliteSessionIndex } from 'nest-gatehouse/sqlite';
import type { Scale } from '../scale.js';
import { MONGODB_URI } from '../servers/mongodb-servers.js';
import { table, type Row } from '../table.js';
import { isOver, REVOKED_USER, searchRecords, wantedOf, type Wanted } from './search-data.js';

const AT_ONCE = 5_000;
const PAGE = 50;
const FAR = 1_000;
const ROUNDS = 3;
const ORDERS = (['createdAt', 'lastSeenAt'] as const).flatMap((sort) =>
  (['descending', 'ascending'] as const).map((order) => ({ sort, order })),
);
const DATES = ['secretIssuedAt', 'createdAt', 'lastSeenAt', 'idleExpiresAt', 'absoluteExpiresAt', 'expiresAt'] as const;
const HEAD = ['store', 'filter', 'found', 'total ms', ...ORDERS.map(nameOf), 'held up ms', 'indexes'];

interface Searched {
  readonly name: string;
  readonly index: SessionIndex;
  /** The indexes asked since the last call. */
  indexes(): string[];
  close(): Promise<void>;
}

const STORES = { sqlite: openSqlite, mongodb: openMongodb };

/**
 * How long the administrator's list takes: first page and page 1,000 in each order, and the exact total. Answers are
 * compared with those of this process first.
 */
export async function searchMillion({ searchSize, searchStores }: Scale): Promise<string> {
  const now = Date.now();
  const clock: Clock = { now: () => now };
  const records = [...searchRecords(searchSize, now)];
  const live = records.filter((record) => !isOver(record, now));
  const sorted = ORDERS.map((order) => [...live].sort(comparison(order)));
  const rows: Row[] = [];
  const filling: string[] = [];
  for (const [store, open] of Object.entries(STORES)) {
    if (!searchStores.some((part) => store.includes(part))) continue;
    if (open === openMongodb && process.env[MONGODB_URI] === undefined) continue;
    const since = performance.now();
    const searched = await open(records, clock);
    filling.push(`${searched.name}: filled in ${Math.round((performance.now() - since) / 1_000)} s`);
    try {
      for (const wanted of wantedOf(now)) rows.push(await measure(searched, wanted, sorted));
    } finally {
      await searched.close();
    }
  }
  return [`${searchSize} sessions; first page / page ${FAR}, ms. ${filling.join('; ')}.`, table(HEAD, rows)].join(
    '\n\n',
  );
}

async function measure(
  { name, index, indexes }: Searched,
  wanted: Wanted,
  live: readonly SessionRecord[][],
): Promise<Row> {
  const { filter, fits } = wanted;
  const expected = live.map((records) => records.filter(fits));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  indexes();
  delay.enable();
  const [total, totalTime] = await timed(() => index.count(filter));
  assert.equal(total, expected[0]!.length, `${name}, ${wanted.name}: total`);
  const cells: string[] = [];
  for (const [n, order] of ORDERS.entries()) {
    const sorted = expected[n]!;
    const times: string[] = [];
    delay.disable();
    await new Promise(setImmediate);
    delay.enable();
    for (const at of sorted.length > FAR * PAGE ? [0, (FAR - 1) * PAGE] : [0]) {
      const last = at === 0 ? undefined : sorted[at - 1]!;
      const cursor =
        last && encodeSessionCursor(order.sort, { time: last[order.sort], handle: last.handle }, order.order);
      const [page, time] = await timed(() => index.find(filter, { limit: PAGE, cursor, ...order }));
      const handles = sorted.slice(at, at + PAGE).map(({ handle }) => handle);
      assert.deepEqual(
        page.items.map(({ handle }) => handle),
        handles,
        `${name}, ${wanted.name}, ${nameOf(order)}`,
      );
      times.push(time.toFixed(0));
    }
    cells.push(times.join(' / '));
  }
  delay.disable();
  const held = Math.round(delay.max / 1e6);
  return [name, wanted.name, total, Math.round(totalTime), ...cells, held, indexes().join(' ')];
}

/** The shortest of a few times, because the machine does other things too. */
async function timed<T>(work: () => T | Promise<T>): Promise<[T, number]> {
  let least = Infinity;
  for (let n = 1; ; n++) {
    const since = performance.now();
    const result = await work();
    least = Math.min(least, performance.now() - since);
    if (n === ROUNDS) return [result, least];
  }
}

type Order = (typeof ORDERS)[number];

function comparison({ sort, order }: Order): (a: SessionRecord, b: SessionRecord) => number {
  const sign = order === 'ascending' ? 1 : -1;
  return (a, b) => sign * (a[sort] - b[sort] || (a.handle < b.handle ? -1 : 1));
}

function nameOf({ sort, order }: Order): string {
  return `${order === 'ascending' ? '' : '-'}${sort}`;
}

/** A file with these sessions. */
export async function filledSqlite(file: string, records: readonly SessionRecord[]): Promise<SqliteDatabase> {
  const database = await SqliteDatabase.open({ file });
  const rows = database.statement(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% ON sessions %'",
  );
  const made = rows.all() as { name: string; sql: string }[];
  const run = (sql: string) => database.write(() => database.statement(sql).run());
  for (const { name } of made) await run(`DROP INDEX ${name}`);
  for (let at = 0; at < records.length; at += AT_ONCE) {
    const some = records.slice(at, at + AT_ONCE);
    await database.write(() => {
      for (const record of some) database.statement(INSERT).run(...rowOf(record));
    });
  }
  for (const { sql } of made) await run(sql);
  return database;
}

async function openSqlite(records: readonly SessionRecord[], clock: Clock): Promise<Searched> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const database = await filledSqlite(join(directory, 'search.db'), records);
  const index = new SqliteSessionIndex(database, clock);
  await index.raiseUserEpoch(REVOKED_USER);
  const asked = new Set<string>();
  const statement = database.statement.bind(database);
  database.statement = (sql, arrays) => {
    for (const [, name] of sql.matchAll(/INDEXED BY sessions_(\w+)/g)) asked.add(name!);
    return statement(sql, arrays);
  };
  const close = async () => {
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { name: 'SQLite', index, indexes: () => taken(asked), close };
}

async function openMongodb(records: readonly SessionRecord[], clock: Clock): Promise<Searched> {
  const options = { dbName: 'bench_search', monitorCommands: true };
  const connection = await mongoose.createConnection(process.env[MONGODB_URI]!, options).asPromise();
  const database = await MongooseDatabase.open(connection, { operationDeadline: '30s' });
  const sessions = connection.db!.collection<{ _id: string }>('gatehouse_sessions');
  for (let at = 0; at < records.length; at += AT_ONCE) {
    await sessions.insertMany(records.slice(at, at + AT_ONCE).map(documentOf), { ordered: false });
  }
  // The store reads what was written here as its own.
  const store = new MongooseSessionStore(database, clock);
  const some = records.filter((record, n) => n % 1_000 === 0 && !isOver(record, clock.now()));
  for (const record of some) assert.deepEqual(await store.read(record.handle), record);
  const index = new MongooseSessionIndex(database, clock);
  await index.raiseUserEpoch(REVOKED_USER);
  const asked = new Set<string>();
  connection.getClient().on('commandStarted', ({ command }) => {
    const hint = (command as { hint?: object }).hint;
    if (hint) asked.add(Object.keys(hint).join('+'));
  });
  const close = async () => {
    await connection.dropDatabase();
    await connection.close();
  };
  return { name: 'MongoDB', index, indexes: () => taken(asked), close };
}

/** Lists look at no checksum. */
const UNSEALED = { seal: 0, schema_version: 0, fence: 0, former_secret_until: 0, user_epoch: 0 };
const INSERT = `INSERT INTO sessions (handle, secret_hash, user_id, username, auth_time, amr, version, created_at, last_seen_at,
  idle_timeout, idle_expires_at, absolute_expires_at, expires_at, persistent, ip, user_agent, secret_issued_at, data, device,
  address, ${Object.keys(UNSEALED).join(', ')}) VALUES (${'?, '.repeat(20)}${Object.values(UNSEALED).join(', ')})`;

function rowOf(record: SessionRecord) {
  const { handle, secretHash, userId, username, authTime, amr, version, createdAt, lastSeenAt, idleTimeout } = record;
  const { idleExpiresAt, absoluteExpiresAt, expiresAt, ip, userAgent, secretIssuedAt, data } = record;
  const owner = [userId, username, authTime, JSON.stringify(amr)];
  const times = [createdAt, lastSeenAt, idleTimeout, idleExpiresAt, absoluteExpiresAt, expiresAt];
  const place = [deviceKey(userAgent), addressKey(ip!)];
  return [handle, secretHash, ...owner, version, ...times, 0, ip, userAgent, secretIssuedAt, data, ...place];
}

/** As the store writes it. */
export function documentOf(record: SessionRecord) {
  const { handle, secretHash, userId, username, authTime, amr, ip, userAgent, data, idleTimeout, version } = record;
  const dates = Object.fromEntries(DATES.map((field) => [field, new Date(record[field])]));
  const owner = userId === null ? { anonymous: true } : { userId, ...(username !== null && { username }) };
  const proof = authTime === null ? {} : { authTime: new Date(authTime), amr };
  return {
    _id: handle,
    secretHash: Buffer.from(secretHash, 'base64url'),
    ...owner,
    ...proof,
    ...dates,
    version,
    idleTimeout,
    ip,
    userAgent,
    device: deviceKey(userAgent),
    address: addressKey(ip!),
    data: Object.fromEntries(
      Object.entries(JSON.parse(data) as object).map(([key, value]) => [
        JSON.stringify(key),
        typeof value === 'number' ? new mongoose.mongo.Double(value) : JSON.stringify(value),
      ]),
    ),
    dataBytes: Buffer.byteLength(data),
  };
}

function taken(asked: Set<string>): string[] {
  const names = [...asked];
  asked.clear();
  return names;
}
