import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { HitService, HitsModule, HitSweeper, type CountedRoute, type HitsModuleOptions } from 'nest-gatehouse/hits';
import { HitStorage, type HitStore } from 'nest-gatehouse/hits/storage';
import { SessionModule, type SessionModuleOptions } from 'nest-gatehouse/session';
import * as combinations from '../../support/apps/combinations.js';
import type { AppPlace, SuiteContext, SuiteOptions } from '../../support/apps/combinations.js';
import type { FakeClock } from '../../support/apps/fake-clock.js';
import { startApp, type RunningApp } from '../../support/apps/platforms.js';
import { PATIENT, withClock } from '../../support/apps/session-app.js';
import { BrowserClient } from '../../support/browser/browser-client.js';

export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

export interface HitsAppSetup extends Pick<ModuleMetadata, 'controllers' | 'providers' | 'imports'> {
  readonly hits?: HitsModuleOptions;
  readonly session?: SessionModuleOptions;
  readonly prepare?: (app: INestApplication) => void;
  /** Whether `HitsModule` is imported before `SessionModule`. */
  readonly hitsFirst?: boolean;
}

export interface HitsApp extends RunningApp {
  readonly clock: FakeClock;
  readonly hits: HitService;
  readonly sweeper: HitSweeper;
  readonly store: HitStore;
  /** A person's, unless it is told another user agent. */
  browser(userAgent?: string): BrowserClient;
  /** As `GET /users/:id 2xx=1`, sorted. */
  counted(): Promise<string[]>;
}

type Suite = (start: (setup?: HitsAppSetup) => Promise<HitsApp>, context: SuiteContext) => void;

/** @see combinations.onEveryPlatform */
export function onEveryPlatform(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onEveryPlatform<HitsAppSetup, HitsApp>(
    title,
    startHitsApp,
    (start, context) => suite((setup = {}) => start(setup), context),
    options,
  );
}

async function startHitsApp({ platform, storage, clock }: AppPlace, setup: HitsAppSetup): Promise<HitsApp> {
  const { hits, session, prepare, hitsFirst = false, imports = [], ...metadata } = setup;
  const modules = [
    withClock(SessionModule.forRoot({ ...PATIENT, ...session }), clock),
    HitsModule.forRoot({ storeDeadline: '20s', ...hits }),
  ];
  if (hitsFirst) modules.reverse();
  const running = await startApp(
    platform,
    { ...metadata, imports: [...storage.imports(), ...modules, ...imports] },
    prepare,
  );
  const { app, url } = running;
  const service = app.get(HitService);
  return {
    ...running,
    clock,
    hits: service,
    sweeper: app.get(HitSweeper, { strict: false }),
    store: storeOf(app),
    browser: (userAgent = FIREFOX) => new BrowserClient(url, { 'user-agent': userAgent }),
    counted: async () => (await service.routes({}, { limit: 200 })).items.map(describeRoute).sort(),
  };
}

function storeOf(app: INestApplication): HitStore {
  return app.get(HitStorage, { strict: false }).store;
}

function describeRoute({ method, route, status }: CountedRoute): string {
  const counts = Object.entries(status).sort();
  return `${method} ${route} ${counts.map(([name, count]) => `${name}=${count}`).join(' ')}`;
}
