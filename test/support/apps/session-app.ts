import type { DynamicModule, INestApplication, ModuleMetadata } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import {
  type SessionEventMap,
  type SessionEventName,
  SessionEvents,
  SessionModule,
  type SessionModuleOptions,
  SessionService,
  SessionSweeper,
} from 'nest-gatehouse/session';
import { BrowserClient } from '../browser/browser-client.js';
import type { AppPlace, SuiteContext, SuiteOptions } from './combinations.js';
import * as combinations from './combinations.js';
import type { FakeClock } from './fake-clock.js';
import { startApp, type RunningApp } from './platforms.js';
import { StoreSwitch } from './store-switch.js';

export interface SessionAppSetup extends Pick<ModuleMetadata, 'controllers' | 'providers' | 'imports'> {
  readonly session?: SessionModuleOptions;
  /** What `main.ts` would do between `create` and `listen`. */
  readonly prepare?: (app: INestApplication) => void;
  /** What Fastify is told at its birth; Express is told in `prepare`. */
  readonly trustProxy?: boolean;
}

export type SeenEvent = { [N in SessionEventName]: { readonly name: N } & SessionEventMap[N] }[SessionEventName];

export interface SessionApp extends RunningApp {
  readonly clock: FakeClock;
  readonly sessions: SessionService;
  readonly sweeper: SessionSweeper;
  readonly events: SeenEvent[];
  readonly store: StoreSwitch;
  browser(headers?: Record<string, string>): BrowserClient;
}

export type StartSessionApp = (setup: SessionAppSetup) => Promise<SessionApp>;

type Suite = (start: StartSessionApp, context: SuiteContext) => void;

/** @see combinations.onEveryPlatform */
export function onEveryPlatform(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onEveryPlatform(title, startSessionApp, suite, options);
}

/** @see combinations.onEveryPlatform */
export function onEveryDatabase(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onEveryDatabase(title, startSessionApp, suite, options);
}

/** @see combinations.onEveryPlatform */
export function onEveryCombination(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onEveryCombination(title, startSessionApp, suite, options);
}

async function startSessionApp({ platform, storage, clock }: AppPlace, setup: SessionAppSetup): Promise<SessionApp> {
  const { session, prepare, trustProxy = false, imports = [], ...metadata } = setup;
  const sessionModule = withClock(SessionModule.forRoot({ ...PATIENT, ...session }), clock);
  const running = await startApp(
    platform,
    { ...metadata, imports: [...storage.imports(), sessionModule, ...imports] },
    prepare,
    { trustProxy },
  );
  const { app, url } = running;
  const events = recordEvents(app.get(SessionEvents));
  const store = new StoreSwitch(app);
  return {
    ...running,
    clock,
    sessions: app.get(SessionService),
    sweeper: app.get(SessionSweeper, { strict: false }),
    events,
    store,
    forget() {
      events.length = 0;
      store.forget();
    },
    browser: (headers) => new BrowserClient(url, headers),
  };
}

/** On a busy machine a store may take its time; who tests deadlines says so. */
export const PATIENT = { storeDeadline: '20s' } as const;

/** The same module on another clock, for the whole application. */
export function withClock(module: DynamicModule, clock: Clock): DynamicModule {
  return { ...module, providers: [...(module.providers ?? []), { provide: Clock, useValue: clock }] };
}

const EVENT_NAMES: readonly SessionEventName[] = [
  'session.created',
  'session.renewed',
  'session.ended',
  'session.first_use_of_day',
  'session.conflict',
  'session.lock_waited',
  'session.refused',
  'session.store_failed',
];

function recordEvents(events: SessionEvents): SeenEvent[] {
  const seen: SeenEvent[] = [];
  for (const name of EVENT_NAMES) events.on(name, (event) => void seen.push({ name, ...event } as SeenEvent));
  return seen;
}
