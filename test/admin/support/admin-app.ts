import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { AdminModule, type AdminModuleOptions, type AdminModuleSetup } from 'nest-gatehouse/admin';
import { AuthEvents, AuthModule, type AuthModuleOptions, type AuthModuleSetup, UserService } from 'nest-gatehouse/auth';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';
import { StoreMonitor } from 'nest-gatehouse/common';
import { SessionModule, type SessionModuleOptions, SessionService } from 'nest-gatehouse/session';
import { SessionDoctor } from 'nest-gatehouse/session/doctor';
import { LOGIN, PASSWORD } from '../../auth/support/auth-app.js';
import type { AppPlace, SuiteContext, SuiteOptions } from '../../support/apps/combinations.js';
import * as combinations from '../../support/apps/combinations.js';
import type { FakeClock } from '../../support/apps/fake-clock.js';
import { startApp, type RunningApp } from '../../support/apps/platforms.js';
import { PATIENT, withClock } from '../../support/apps/session-app.js';
import { BrowserClient } from '../../support/browser/browser-client.js';

export interface AdminAppSetup extends Pick<ModuleMetadata, 'controllers' | 'providers' | 'imports'> {
  readonly admin?: AdminModuleOptions & AdminModuleSetup;
  readonly session?: SessionModuleOptions;
  readonly auth?: AuthModuleOptions & AuthModuleSetup;
  /** What `main.ts` would do between `create` and `listen`. */
  readonly prepare?: (app: INestApplication) => void;
  /** What Fastify is told at its birth; Express is told in `prepare`. */
  readonly trustProxy?: boolean;
}

export interface AdminApp extends RunningApp {
  readonly clock: FakeClock;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly doctor: SessionDoctor;
  readonly audit: readonly AuditEntry[];
  /** The operations of all stores since the start. */
  readonly operations: string[];
  browser(headers?: Record<string, string>): BrowserClient;
  /** Makes the account if need be. */
  signedIn(username: string, ...roles: string[]): Promise<BrowserClient>;
}

export type StartAdminApp = (setup?: AdminAppSetup) => Promise<AdminApp>;

/** @see combinations.onEveryPlatform */
export function onEveryPlatform(
  title: string,
  suite: (start: StartAdminApp, context: SuiteContext) => void,
  options?: SuiteOptions,
): void {
  combinations.onEveryPlatform(title, startAdminApp, suite, options);
}

/** @see combinations.onEveryPlatform */
export function onOnePlatform(
  title: string,
  suite: (start: StartAdminApp, context: SuiteContext) => void,
  options?: SuiteOptions,
): void {
  combinations.onOnePlatform(title, startAdminApp, suite, options);
}

/** @see combinations.onEveryPlatform */
export function onEveryDatabase(
  title: string,
  suite: (start: StartAdminApp, context: SuiteContext) => void,
  options?: SuiteOptions,
): void {
  combinations.onEveryDatabase(title, startAdminApp, suite, options);
}

async function startAdminApp({ platform, storage, clock }: AppPlace, setup: AdminAppSetup = {}): Promise<AdminApp> {
  const { admin, session, auth, prepare, trustProxy = false, imports = [], ...metadata } = setup;
  const modules = [
    ...storage.imports(),
    withClock(SessionModule.forRoot({ ...PATIENT, doctor: 'start', ...session }), clock),
    AuthModule.forRoot({ bcryptCost: 4, ...PATIENT, ...auth }),
    AdminModule.forRoot(admin),
    ...imports,
  ];
  const running = await startApp(platform, { ...metadata, imports: modules }, prepare, { trustProxy });
  const { app, url } = running;
  const users = app.get(UserService);
  const audit: AuditEntry[] = [];
  app.get(AuthEvents).on('*', (entry) => void audit.push(entry));
  const operations: string[] = [];
  app.get(StoreMonitor).onOperation((operation) => void operations.push(operation));
  const browser = (headers?: Record<string, string>) => new BrowserClient(url, headers);
  return {
    ...running,
    clock,
    users,
    sessions: app.get(SessionService),
    doctor: app.get(SessionDoctor),
    audit,
    operations,
    forget: () => void (audit.length = operations.length = 0),
    browser,
    async signedIn(username, ...roles) {
      if (!(await users.find(username))) await users.create({ username, password: PASSWORD, roles });
      const client = browser();
      const answer = await client.post(LOGIN, { username, password: PASSWORD });
      if (answer.status !== 200) throw new Error(`${username} could not sign in: ${answer.status} ${answer.text}`);
      return client;
    },
  };
}
