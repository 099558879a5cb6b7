import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';

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
  open(): Promise<OpenStorage>;
}

const memory: TestStorage = {
  name: 'memory',
  isShared: false,
  open: () => Promise.resolve({ imports: () => [MemoryStorageModule.forRoot()], close: () => Promise.resolve() }),
};

const sqlite: TestStorage = {
  name: 'SQLite',
  isShared: true,
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
export const STORAGES: readonly TestStorage[] = [memory, sqlite];
