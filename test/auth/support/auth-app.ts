import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { AuthEvents, AuthModule, type AuthModuleOptions, type AuthModuleSetup, UserService } from 'nest-gatehouse/auth';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';
import { SessionModule, type SessionModuleOptions, SessionService } from 'nest-gatehouse/session';
import { BrowserClient, type Answer } from '../../support/browser/browser-client.js';
import type { AppPlace, SuiteContext, SuiteOptions } from '../../support/apps/combinations.js';
import * as combinations from '../../support/apps/combinations.js';
import type { FakeClock } from '../../support/apps/fake-clock.js';
import { startApp, type RunningApp } from '../../support/apps/platforms.js';
import { PATIENT, withClock } from '../../support/apps/session-app.js';

export const PASSWORD = 'correct horse battery staple';
export const OTHER_PASSWORD = 'another horse, another staple';
export const LOGIN = '/auth/login';

export interface AuthAppSetup extends Pick<ModuleMetadata, 'controllers' | 'providers' | 'imports'> {
  readonly session?: SessionModuleOptions;
  readonly auth?: AuthModuleOptions & AuthModuleSetup;
  /** What `main.ts` would do between `create` and `listen`. */
  readonly prepare?: (app: INestApplication) => void;
}

export interface AuthApp extends RunningApp {
  readonly clock: FakeClock;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly audit: AuditEntry[];
  browser(headers?: Record<string, string>): BrowserClient;
  /** A browser in which this user has just signed in. */
  signedIn(username?: string, password?: string): Promise<BrowserClient>;
}

export type StartAuthApp = (setup?: AuthAppSetup) => Promise<AuthApp>;

type Suite = (start: StartAuthApp, context: SuiteContext) => void;

/** @see combinations.onEveryPlatform */
export function onEveryPlatform(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onEveryPlatform(title, startAuthApp, suite, options);
}

/** @see combinations.onEveryPlatform */
export function onOnePlatform(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onOnePlatform(title, startAuthApp, suite, options);
}

/** @see combinations.onEveryPlatform */
export function onEveryDatabase(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onEveryDatabase(title, startAuthApp, suite, options);
}

async function startAuthApp({ platform, storage, clock }: AppPlace, setup: AuthAppSetup = {}): Promise<AuthApp> {
  const { session, auth, prepare, imports = [], ...metadata } = setup;
  const modules = [
    withClock(SessionModule.forRoot({ ...PATIENT, ...session }), clock),
    AuthModule.forRoot({ bcryptCost: 4, ...PATIENT, ...auth }),
  ];
  const running = await startApp(
    platform,
    { ...metadata, imports: [...storage.imports(), ...modules, ...imports] },
    prepare,
  );
  const { app, url } = running;
  const browser = (headers?: Record<string, string>) => new BrowserClient(url, headers);
  const audit: AuditEntry[] = [];
  app.get(AuthEvents).on('*', (entry) => void audit.push(entry));
  return {
    ...running,
    clock,
    users: app.get(UserService),
    sessions: app.get(SessionService),
    audit,
    forget: () => void (audit.length = 0),
    browser,
    async signedIn(username = 'alice', password = PASSWORD) {
      const client = browser();
      const answer = await client.post(LOGIN, { username, password });
      if (answer.status !== 200) throw new Error(`${username} could not sign in: ${answer.status} ${answer.text}`);
      return client;
    },
  };
}

/** Sends a form as a browser would. */
export function postForm(
  client: BrowserClient,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  return client.request('POST', path, { body: new URLSearchParams(fields).toString(), headers: form });
}

export function codeOf(answer: Answer): unknown {
  return answer.text.startsWith('{') ? answer.json().code : answer.text;
}
