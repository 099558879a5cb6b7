import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SqliteDatabase, SqliteStorageModule } from 'nest-gatehouse/sqlite';
import type { TestStorage } from './test-storage.js';

const memory: TestStorage = {
  name: 'memory',
  platforms: ['express'],
  isShared: false,
  leasesRunBy: 'application',
  patience: 40,
  describe,
  open: () =>
    Promise.resolve({
      imports: () => [MemoryStorageModule.forRoot()],
      empty: () => Promise.reject(new Error('Memory cannot be emptied: see EMPTIABLE_STORAGES.')),
      close: () => Promise.resolve(),
    }),
};

const sqlite: TestStorage = {
  name: 'SQLite',
  platforms: ['fastify'],
  isShared: true,
  leasesRunBy: 'application',
  patience: 40,
  describe,
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
    const file = join(folder, 'sessions.db');
    await writeFile(file, await emptyFile(), { mode: 0o600 });
    let other: SqliteDatabase | undefined;
    return {
      imports: () => [SqliteStorageModule.forRoot({ file })],
      async empty() {
        other ??= await SqliteDatabase.open({ file });
        await emptyTables(other);
      },
      async close() {
        await other?.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

let bytes: Promise<Buffer> | undefined;

/** A database without rows. To create each file anew takes longer than most tests. */
function emptyFile(): Promise<Buffer> {
  bytes ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
    const file = join(folder, 'empty.db');
    await (await SqliteDatabase.open({ file })).close();
    const read = await readFile(file);
    await rm(folder, { recursive: true });
    return read;
  })();
  return bytes;
}

/** All rows but those that are there from the beginning, which triggers keep right. */
function emptyTables(database: SqliteDatabase): Promise<void> {
  const kept = "'fence', 'anonymous_usage'";
  const tables = database
    .statement(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN (${kept}) AND name NOT LIKE 'sqlite_%'`,
    )
    .all() as { name: string }[];
  return database.write(() => {
    for (const { name } of tables) database.statement(`DELETE FROM ${name}`).run();
  });
}

declare global {
  /** Set by the Jest project: see `jest.config.mjs`. */
  var onMongodb: boolean;
}

/**
 * The storages of this Jest project: those in this process in the quick one, MongoDB in the full one. Another one is another entry here.
 * Mongoose takes long to load, so only who needs it does.
 */
export const STORAGES: readonly TestStorage[] = onMongodb
  ? [(await import('./mongodb-storage.js')).mongodb]
  : [memory, sqlite];

/** The same platforms, all on storages that can be emptied. */
export const EMPTIABLE_STORAGES: readonly TestStorage[] = STORAGES.map((storage) =>
  storage === memory ? { ...sqlite, platforms: memory.platforms } : storage,
);
