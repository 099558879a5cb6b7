import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import type { DynamicModule } from '@nestjs/common';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { mongodb } from './mongodb-storage.js';

/** An empty place for sessions. */
export interface OpenStorage {
  /** What an application imports to keep its sessions there. */
  imports(): DynamicModule[];
  /** After every application on it has been closed. */
  close(): Promise<void>;
}

export interface TestStorage {
  readonly name: string;
  /** Whether two applications see the same sessions. */
  readonly isShared: boolean;
  /** Whose clock ends a lease: that of the application, which a test moves, or that of the database server, which it cannot. */
  readonly leasesRunBy: 'application' | 'server';
  /** Milliseconds that a healthy operation may take on a busy machine. */
  readonly patience: number;
  /** Skips where the storage cannot be had, and then the summary says why. */
  readonly describe: typeof describe | typeof describe.skip;
  open(): Promise<OpenStorage>;
}

const memory: TestStorage = {
  name: 'memory',
  isShared: false,
  leasesRunBy: 'application',
  patience: 40,
  describe,
  open: () => Promise.resolve({ imports: () => [MemoryStorageModule.forRoot()], close: () => Promise.resolve() }),
};

const sqlite: TestStorage = {
  name: 'SQLite',
  isShared: true,
  leasesRunBy: 'application',
  patience: 40,
  describe,
  async open() {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-test-'));
    const file = join(folder, 'sessions.db');
    return {
      imports: () => [SqliteStorageModule.forRoot({ file })],
      close: () => rm(folder, { recursive: true, force: true }),
    };
  },
};

/** Every storage that the HTTP suites run on: another one is another entry here. */
export const STORAGES: readonly TestStorage[] = [memory, sqlite, mongodb];
