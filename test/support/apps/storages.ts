import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import type { DynamicModule } from '@nestjs/common';
import { MemoryStorageModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import type { Platform } from './platforms.js';

/** An empty place for sessions. */
export interface OpenStorage {
  /** What an application imports to keep its sessions there. */
  imports(): DynamicModule[];
  /** After every application on it has been closed. */
  close(): Promise<void>;
}

export interface TestStorage {
  readonly name: string;
  /** The platform that this storage is paired with in suites which do not depend on the two together. */
  readonly platform: Platform;
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
  platform: 'express',
  isShared: false,
  leasesRunBy: 'application',
  patience: 40,
  describe,
  open: () => Promise.resolve({ imports: () => [MemoryStorageModule.forRoot()], close: () => Promise.resolve() }),
};

const sqlite: TestStorage = {
  name: 'SQLite',
  platform: 'fastify',
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
