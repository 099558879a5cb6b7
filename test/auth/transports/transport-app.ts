import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, Get, type INestApplication, type ModuleMetadata, Post } from '@nestjs/common';
import { AuthEvents, AuthModule, type AuthModuleOptions, Public, UserService } from 'nest-gatehouse/auth';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';
import {
  MemoryStorageModule,
  Session,
  SessionModule,
  type SessionModuleOptions,
  SessionService,
} from 'nest-gatehouse/session';
import { SessionStore } from 'nest-gatehouse/session/storage';
import { BrowserClient } from '../../support/browser/browser-client.js';
import { FakeClock } from '../../support/apps/fake-clock.js';
import { type Platform, type RunningApp, startApp } from '../../support/apps/platforms.js';
import { PATIENT, withClock } from '../../support/apps/session-app.js';
import { LOGIN, PASSWORD } from '../support/auth-app.js';

export interface TransportSetup extends Pick<ModuleMetadata, 'controllers' | 'providers' | 'imports'> {
  readonly platform: Platform;
  readonly auth?: AuthModuleOptions;
  readonly session?: SessionModuleOptions;
  readonly prepare?: (app: INestApplication) => void;
  /** What Fastify is told at its birth. */
  readonly trustProxy?: string;
}

export interface TransportApp extends RunningApp {
  readonly clock: FakeClock;
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly audit: readonly AuditEntry[];
  /** Milliseconds that each read of a session takes from now on. */
  slowDown(milliseconds: number): void;
  /** Whether each read of a session fails from now on. */
  failReads(fails: boolean): void;
  browser(): BrowserClient;
  /** A user who is new, in a browser that has just signed in. */
  signedIn(roles?: string[]): Promise<SignedIn>;
}

export interface SignedIn {
  readonly id: string;
  readonly username: string;
  readonly client: BrowserClient;
  readonly handle: string;
}

@Controller('value')
@Public()
class ValueController {
  @Get()
  read(@Session('value') value: unknown) {
    return { value: value ?? null };
  }

  @Post()
  write(@Session() session: Session<{ value?: unknown }>, @Body() { value }: { value: unknown }) {
    session.value = value;
    return {};
  }
}

/** An application with `GET` and `POST /value`, which read and write the session by HTTP. */
export async function startTransportApp(setup: TransportSetup): Promise<TransportApp> {
  const { platform, auth, session, prepare, trustProxy, controllers = [], providers, imports = [] } = setup;
  const clock = new FakeClock();
  const modules = [
    MemoryStorageModule.forRoot(),
    withClock(SessionModule.forRoot({ ...PATIENT, ...session }), clock),
    AuthModule.forRoot({ bcryptCost: 4, ...PATIENT, ...auth }),
    ...imports,
  ];
  const metadata = { imports: modules, providers, controllers: [ValueController, ...controllers] };
  const running = await startApp(platform, metadata, prepare, { trustProxy });
  const { app, url } = running;
  const audit: AuditEntry[] = [];
  app.get(AuthEvents).on('*', (entry) => void audit.push(entry));
  const users = app.get(UserService);
  const browser = () => new BrowserClient(url);
  let count = 0;
  let delay = 0;
  let fails = false;
  const store = app.get(SessionStore, { strict: false });
  const read = store.read.bind(store);
  store.read = async (handle) => {
    if (fails) throw new Error('the disk is on fire');
    if (delay > 0) await pause(delay);
    return read(handle);
  };
  return {
    ...running,
    clock,
    users,
    sessions: app.get(SessionService),
    audit,
    slowDown: (milliseconds) => void (delay = milliseconds),
    failReads: (value) => void (fails = value),
    browser,
    async signedIn(roles) {
      const username = `user${count++}`;
      const { user } = await users.create({ username, password: PASSWORD, roles });
      const client = browser();
      const answer = await client.post(LOGIN, { username, password: PASSWORD });
      if (answer.status !== 200) throw new Error(`${username} could not sign in: ${answer.text}`);
      return { id: user.id, username, client, handle: client.cookies.get('sid')!.split('.')[0]! };
    },
  };
}

/** The headers with which a browser opens a socket. */
export function headersOf(client: BrowserClient | undefined, origin?: string): Record<string, string> {
  const token = client?.cookies.get('sid');
  return { ...(token ? { cookie: `sid=${token}` } : {}), ...(origin ? { origin } : {}) };
}
