import { SessionEvents, SessionModule, SessionStorage } from 'nest-gatehouse/session';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { ApiKeys, ProgramSessions, SessmanModule, type SessmanModuleOptions } from 'nest-gatehouse/sessman';
import { API_KEY_SCOPES, type ApiKeyScope } from 'nest-gatehouse/sessman/storage';
import type { ModuleMetadata } from '@nestjs/common';
import * as combinations from '../../support/apps/combinations.js';
import type { AppPlace, SuiteContext, SuiteOptions } from '../../support/apps/combinations.js';
import type { FakeClock } from '../../support/apps/fake-clock.js';
import { startApp, type RunningApp } from '../../support/apps/platforms.js';
import { PATIENT, withClock } from '../../support/apps/session-app.js';
import { StoreSwitch } from '../../support/apps/store-switch.js';
import { BrowserClient, type Answer } from '../../support/browser/browser-client.js';

export interface SessmanSetup {
  readonly sessman?: SessmanModuleOptions & { prefix?: string };
  readonly imports?: ModuleMetadata['imports'];
  readonly globalPrefix?: string;
}

export interface SessmanApp extends RunningApp {
  readonly clock: FakeClock;
  readonly keys: ApiKeys;
  readonly sessions: ProgramSessions;
  readonly events: SessionEvents;
  readonly store: StoreSwitch;
  /** What the store holds, before any further request. */
  stored(id: string): Promise<SessionRecord | null>;
  /** A program with a key of its own. */
  program(options?: ProgramOptions): Promise<Program>;
}

interface ProgramOptions {
  readonly namespace?: string;
  readonly scopes?: readonly ApiKeyScope[];
}

/** A session as the service answers it. */
export interface SessionBody {
  readonly session_id: string;
  readonly user: string;
  readonly data: Record<string, unknown>;
  readonly expires_at: string;
  readonly version: number;
}

type Suite = (start: (setup?: SessmanSetup) => Promise<SessmanApp>, context: SuiteContext) => void;

/** @see combinations.onEveryPlatform */
export function onEveryPlatform(title: string, suite: Suite, options?: SuiteOptions): void {
  combinations.onEveryPlatform<SessmanSetup, SessmanApp>(
    title,
    startSessmanApp,
    (start, context) => suite((setup = {}) => start(setup), context),
    options,
  );
}

async function startSessmanApp({ platform, storage, clock }: AppPlace, setup: SessmanSetup): Promise<SessmanApp> {
  const { sessman, imports = [], globalPrefix } = setup;
  const running = await startApp(
    platform,
    {
      imports: [
        ...storage.imports(),
        withClock(SessionModule.forRoot({ ...PATIENT }), clock),
        SessmanModule.forRoot({ ...PATIENT, ...sessman }),
        ...imports,
      ],
    },
    (app) => {
      if (globalPrefix !== undefined) app.setGlobalPrefix(globalPrefix);
    },
  );
  const { app, url } = running;
  const keys = app.get(ApiKeys, { strict: false });
  const store = new StoreSwitch(app);
  return {
    ...running,
    clock,
    keys,
    sessions: app.get(ProgramSessions, { strict: false }),
    events: app.get(SessionEvents),
    store,
    forget: () => store.forget(),
    stored: async (id) => app.get(SessionStorage).store.read(id),
    program: async ({ namespace = 'shop', scopes = API_KEY_SCOPES } = {}) => {
      const { id, key } = await keys.create({ namespace, scopes });
      return new Program(url, id, key);
    },
  };
}

/** Another program, with its API key. */
export class Program {
  constructor(
    private readonly url: string,
    readonly id: string,
    readonly key: string,
  ) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#client(headers).get(`/sessman/${path}`);
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#client(headers).post(`/sessman/${path}`, body);
  }

  /** A body that is sent as it is. */
  send(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#client(headers).request('POST', `/sessman/${path}`, { body });
  }

  /** @returns the session that was made */
  async open(user = 'ann', data: unknown = {}, ttl?: number): Promise<SessionBody> {
    return (await this.post(`new?userid=${encodeURIComponent(user)}`, { data, ttl })).json<SessionBody>();
  }

  #client(headers: Record<string, string>): BrowserClient {
    return new BrowserClient(this.url, { authorization: `Bearer ${this.key}`, ...headers });
  }
}
