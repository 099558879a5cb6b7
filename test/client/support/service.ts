import { MemoryStorageModule, SessionModule } from 'nest-gatehouse/session';
import { ApiKeys, MemorySessmanStorageModule, SessmanModule, type SessmanModuleOptions } from 'nest-gatehouse/sessman';
import { API_KEY_SCOPES } from 'nest-gatehouse/sessman/storage';
import { startApp } from '../../support/apps/platforms.js';

/** A session service that the tests can reach by HTTP. */
export interface Service {
  /** Without `/sessman`. */
  readonly url: string;
  readonly auth: string;
  close(): Promise<void>;
}

/** The service that the client is tested against. Suites look at what it keeps by HTTP alone. */
export async function startService(options: SessmanModuleOptions = {}): Promise<Service> {
  const { app, url, close } = await startApp('fastify', {
    imports: [
      MemoryStorageModule.forRoot(),
      MemorySessmanStorageModule.forRoot(),
      SessionModule.forRoot(),
      SessmanModule.forRoot({ requestsPerMinute: 0, maxDataBytes: 2_000, ...options }),
    ],
  });
  const { key } = await app.get(ApiKeys, { strict: false }).create({ namespace: 'tests', scopes: API_KEY_SCOPES });
  return { url, auth: key, close };
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
