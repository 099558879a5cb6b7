import type { describe } from '@jest/globals';
import type { DynamicModule } from '@nestjs/common';
import type { Platform } from './platforms.js';

/** An empty place for sessions. */
export interface OpenStorage {
  /** What an application imports to keep its sessions there. */
  imports(): DynamicModule[];
  /** As it was when it was opened, under applications that go on. */
  empty(): Promise<void>;
  /** After every application on it has been closed. */
  close(): Promise<void>;
}

export interface TestStorage {
  readonly name: string;
  /** The platforms that meet this storage. The first one does in suites which do not depend on the two together. */
  readonly platforms: readonly [Platform, ...Platform[]];
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
