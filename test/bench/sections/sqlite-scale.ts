import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionIndex, SessionStore } from 'nest-gatehouse/session';
import { SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import type { Scale } from '../scale.js';
import { SESSION_VALUES } from '../servers/session-values.js';
import { median } from '../statistics.js';
import { oneDecimal, table, type Row } from '../table.js';
import { IDLE_TIMEOUT, sampleRecord, userOf } from './sample-record.js';

const FILL_AT_ONCE = 5_000;
/** As many writes wait at a time as a server has requests under way. */
const AT_ONCE = 50;
const OPERATIONS = 2_000;
const PAGE = 20;

/** A database of a given number of sessions. */
interface Filled {
  readonly store: SessionStore;
  readonly index: SessionIndex;
  readonly handles: string[];
}

type Operation = (storage: Filled, number: number) => unknown;

const OPERATION_OF: Readonly<Record<string, Operation>> = {
  read: ({ store, handles }) => store.read(anyOf(handles)),
  touch: ({ store, handles }) => {
    const now = Date.now();
    const end = now + IDLE_TIMEOUT;
    return store.update(anyOf(handles), { fields: { lastSeenAt: now, idleExpiresAt: end, expiresAt: end } });
  },
  save: ({ store, handles }, number) =>
    store.update(anyOf(handles), { data: { set: new Map([['visits', String(number)]]) }, maxDataBytes: 65_536 }),
  'list by user': ({ index, handles }) => index.find({ userId: userOf(anyAt(handles)) }, { limit: PAGE }),
  revoke: ({ store, handles }) => store.delete(handles.pop()!),
};

/** Whether an operation takes longer where the store keeps more sessions. */
export async function sqliteScale({ storeSizes, rounds }: Scale): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const databases: SqliteDatabase[] = [];
  try {
    const storages: Filled[] = [];
    for (const size of storeSizes) {
      const database = await SqliteDatabase.open({ file: join(directory, `${size}.db`) });
      databases.push(database);
      storages.push(await fill(database, size));
    }
    const rows: Row[] = [];
    for (const [name, operation] of Object.entries(OPERATION_OF))
      rows.push(await compare(name, operation, storages, rounds));
    return table(['µs an operation', ...storeSizes.map((size) => `${size} sessions`), 'ratio'], rows);
  } finally {
    for (const database of databases) await database.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function fill(database: SqliteDatabase, size: number): Promise<Filled> {
  const store = new SqliteSessionStore(database);
  const handles: string[] = [];
  while (handles.length < size) {
    const count = Math.min(FILL_AT_ONCE, size - handles.length);
    const records = Array.from({ length: count }, (_, at) => sampleRecord(handles.length + at, SESSION_VALUES));
    await Promise.all(records.map((record) => store.insert(record)));
    for (const { handle } of records) handles.push(handle);
  }
  return { store, index: new SqliteSessionIndex(database), handles };
}

async function compare(name: string, operation: Operation, storages: readonly Filled[], rounds: number): Promise<Row> {
  const times = storages.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, storage] of storages.entries()) {
      const microseconds = await timeOf(operation, storage);
      if (round > 0) times[at]!.push(microseconds);
    }
  }
  const [few, many] = times.map(median) as [number, number];
  return [name, oneDecimal(few), oneDecimal(many), (many / few).toFixed(2)];
}

async function timeOf(operation: Operation, storage: Filled): Promise<number> {
  const count = Math.min(OPERATIONS, Math.floor(storage.handles.length / 20));
  const start = performance.now();
  for (let number = 0; number < count; number += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => operation(storage, number + at)));
  }
  return ((performance.now() - start) * 1000) / (Math.ceil(count / AT_ONCE) * AT_ONCE);
}

function anyAt(handles: readonly string[]): number {
  return Math.floor(Math.random() * handles.length);
}

function anyOf(handles: readonly string[]): string {
  return handles[anyAt(handles)]!;
}
