import type { FakeClock } from './fake-clock.js';
import type { Platform } from './platforms.js';
import type { OpenStorage, TestStorage } from './test-storage.js';

export interface SuiteContext {
  readonly platform: Platform;
  readonly storage: TestStorage;
}

/** What an application of a suite is started with. The applications of one test share the storage and the clock. */
export interface AppPlace {
  readonly platform: Platform;
  readonly storage: OpenStorage;
  readonly clock: FakeClock;
}

export type StartAt<Setup, App> = (place: AppPlace, setup: Setup) => Promise<App>;
