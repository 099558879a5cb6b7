import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase, SqliteSessionIndex, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import type { Scale } from '../scale.js';
import { SESSION_VALUES } from '../servers/session-values.js';
import { table, type Row } from '../table.js';
import { sampleRecord } from './sample-record.js';
import { compare, OPERATION_OF, type Filled } from './store-operations.js';

const FILL_AT_ONCE = 5_000;

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
    for (const name of Object.keys(OPERATION_OF)) rows.push(await compare(name, storages, rounds));
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
