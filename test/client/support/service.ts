import type { DynamicModule } from '@nestjs/common';
import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { ApiKeys, MemorySessmanStorageModule, SessmanModule, type SessmanModuleOptions } from 'nest-gatehouse/sessman';
import { API_KEY_SCOPES } from 'nest-gatehouse/sessman/storage';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { join } from 'node:path';
import { temporaryDirectory } from '../../sqlite/support/temporary-directory.js';
import { startApp, type RunningApp } from '../../support/apps/platforms.js';

/** A session service that the tests can reach by HTTP. */
export interface Service {
  /** Without `/sessman`. */
  readonly url: string;
  readonly auth: string;
  close(): Promise<void>;
}

/** The service that the client is tested against. Suites look at what it keeps by HTTP alone. */
export async function startService(options: SessmanModuleOptions = {}): Promise<Service> {
  const storage = [MemoryStorageModule.forRoot(), MemorySessmanStorageModule.forRoot()];
  const { app, url, close } = await startOn(storage, options);
  return { url, auth: await newKey(app), close };
}

const RANDOM = Math.random.bind(Math);

export interface RestartableService extends Service {
  /** How often it was. */
  readonly restarts: number;
  /** Stops the application as it is, and starts another one on the same file, at another port. */
  restart(): Promise<void>;
}

/** The same service, which keeps its sessions in a SQLite file. */
export async function startRestartable(): Promise<RestartableService> {
  const directory = temporaryDirectory();
  const start = () => startOn([SqliteStorageModule.forRoot({ file: join(directory.path, 'service.db') })]);
  let running = await start();
  let restarts = 0;
  return {
    get url() {
      return running.url;
    },
    get restarts() {
      return restarts;
    },
    auth: await newKey(running.app),
    async restart() {
      await running.close();
      // Nest tells providers apart by random numbers; a suite may have put others in their place.
      const { random } = Math;
      Math.random = RANDOM;
      try {
        running = await start();
      } finally {
        Math.random = random;
      }
      restarts++;
    },
    async close() {
      await running.close();
      directory.remove();
    },
  };
}

function startOn(storage: DynamicModule[], options: SessmanModuleOptions = {}): Promise<RunningApp> {
  const sessman = SessmanModule.forRoot({ requestsPerMinute: 0, maxDataBytes: 2_000, ...options });
  return startApp('fastify', { imports: [...storage, SessionModule.forRoot(), sessman] });
}

async function newKey(app: RunningApp['app']): Promise<string> {
  const keys = app.get(ApiKeys, { strict: false });
  return (await keys.create({ namespace: 'tests', scopes: API_KEY_SCOPES })).key;
}

interface Listed {
  readonly session_id: string;
  readonly data: Record<string, unknown>;
  readonly version: number;
}

/** What the service keeps, asked without the client and past the faults. */
export class Truth {
  constructor(private readonly service: Service) {}

  async sessions(user: string): Promise<Listed[]> {
    const items: Listed[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> = { userid: user, ...(cursor !== null && { cursor }) };
      const page = (await this.#ask('list', query)) as { items: Listed[]; next: string | null };
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return items;
  }

  /** Undefined if there is no such session. */
  async session(id: string): Promise<{ data: Record<string, unknown>; version: number } | undefined> {
    return (await this.#ask('get', { sessionid: id })) as { data: Record<string, unknown>; version: number };
  }

  /** By another client of the service. */
  async change(id: string, data: object): Promise<void> {
    await this.#ask('update', { sessionid: id }, { data });
  }

  async end(id: string): Promise<void> {
    await this.#ask('delete', { sessionid: id }, {});
  }

  async #ask(route: string, query: Record<string, string>, body?: object): Promise<unknown> {
    const response = await fetch(`${this.service.url}/sessman/${route}?${new URLSearchParams(query).toString()}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${this.service.auth}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
