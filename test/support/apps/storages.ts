import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import type { TestStorage } from './test-storage.js';

const memory: TestStorage = {
  name: 'memory',
  platforms: ['express'],
  isShared: false,
  leasesRunBy: 'application',
  patience: 40,
  describe,
  open: () => Promise.resolve({ imports: () => [MemoryStorageModule.forRoot()], close: () => Promise.resolve() }),
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
    return {
      imports: () => [SqliteStorageModule.forRoot({ file })],
      close: () => rm(folder, { recursive: true, force: true }),
    };
  },
};

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
