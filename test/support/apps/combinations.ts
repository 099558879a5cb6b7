import { afterAll, afterEach } from '@jest/globals';
import type { SuiteContext, StartAt } from './app-place.js';
import { FakeClock } from './fake-clock.js';
import { KeptApps } from './kept-apps.js';
import type { RunningApp } from './platforms.js';
import { EMPTIABLE_STORAGES, STORAGES } from './storages.js';
import type { OpenStorage, TestStorage } from './test-storage.js';

export type { AppPlace, SuiteContext } from './app-place.js';

type Start<Setup, App> = (setup: Setup) => Promise<App>;
type Suite<Setup, App> = (start: Start<Setup, App>, context: SuiteContext) => void;

export interface SuiteOptions {
  /**
   * Whether the tests share applications, see `KeptApps`. For suites that look at what is stored and answered, not at what an
   * application remembers. These are on a database on both platforms: the contract suites prove that memory keeps the same.
   */
  readonly sharesApps?: boolean;
}

/** `sharingApps(onEveryPlatform)(title, suite)`, see `SuiteOptions.sharesApps`. */
export function sharingApps<S>(
  on: (title: string, suite: S, options?: SuiteOptions) => void,
): (title: string, suite: S) => void {
  return (title, suite) => on(title, suite, { sharesApps: true });
}

/**
 * Which suites run where. Platforms differ in the binding and in how an answer begins; storages differ below their contracts, which the
 * contract suites prove on each of them. So no suite needs each platform on each storage:
 *
 * - `onEveryPlatform`: Express on memory, Fastify on SQLite.
 * - `onOnePlatform`, for what accounts and administrators are promised behind the routes that other suites try on both: on one of these
 *   two pairs, by the title, so that both have their share of each subject.
 * - `onEveryDatabase`, for what a store does while others act (epochs, leases, ends, jobs): Fastify on SQLite, Express on MongoDB.
 * - `onEveryCombination`, for a request that commits, waits, loses or ends its session while its answer begins: Express on memory,
 *   Fastify on SQLite, and both on MongoDB, whose answers come late.
 *
 * MongoDB has its turn where a `test/mongoose/*-applications.world.ts` names the suite.
 */
export function onEveryPlatform<Setup, App extends RunningApp>(
  title: string,
  startAt: StartAt<Setup, App>,
  suite: Suite<Setup, App>,
  options: SuiteOptions = {},
): void {
  for (const storage of storagesOf(options))
    describeOn({ platform: storage.platforms[0], storage }, title, startAt, suite, options);
}

/** See `onEveryPlatform`. */
export function onOnePlatform<Setup, App extends RunningApp>(
  title: string,
  startAt: StartAt<Setup, App>,
  suite: Suite<Setup, App>,
  options: SuiteOptions = {},
): void {
  const storages = storagesOf(options);
  const storage = storages[title.length % storages.length]!;
  describeOn({ platform: storage.platforms[0], storage }, title, startAt, suite, options);
}

/** See `onEveryPlatform`. */
export function onEveryDatabase<Setup, App extends RunningApp>(
  title: string,
  startAt: StartAt<Setup, App>,
  suite: Suite<Setup, App>,
  options: SuiteOptions = {},
): void {
  for (const storage of STORAGES.filter(({ isShared }) => isShared))
    describeOn({ platform: storage.platforms[0], storage }, title, startAt, suite, options);
}

/** See `onEveryPlatform`. */
export function onEveryCombination<Setup, App extends RunningApp>(
  title: string,
  startAt: StartAt<Setup, App>,
  suite: Suite<Setup, App>,
  options: SuiteOptions = {},
): void {
  for (const storage of storagesOf(options)) {
    for (const platform of storage.platforms) describeOn({ platform, storage }, title, startAt, suite, options);
  }
}

function storagesOf({ sharesApps = false }: SuiteOptions): readonly TestStorage[] {
  return sharesApps ? EMPTIABLE_STORAGES : STORAGES;
}

/** Opens the storage with the first application of a test, and closes all after it, unless the tests share applications. */
function describeOn<Setup, App extends RunningApp>(
  context: SuiteContext,
  title: string,
  startAt: StartAt<Setup, App>,
  suite: Suite<Setup, App>,
  { sharesApps = false }: SuiteOptions,
): void {
  context.storage.describe(`${title} (${context.platform}, ${context.storage.name})`, () => {
    if (sharesApps) {
      const apps = new KeptApps(context, startAt);
      afterEach(() => apps.release());
      afterAll(() => apps.close());
      return suite((setup) => apps.start(setup), context);
    }
    let storage: OpenStorage | undefined;
    let clock = new FakeClock();
    const running: RunningApp[] = [];

    afterEach(async () => {
      await Promise.all(running.splice(0).map((app) => app.close()));
      await storage?.close();
      storage = undefined;
      clock = new FakeClock();
    });

    suite(async (setup) => {
      storage ??= await context.storage.open();
      const app = await startAt({ platform: context.platform, storage, clock }, setup);
      running.push(app);
      return app;
    }, context);
  });
}
