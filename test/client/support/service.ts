import { ModelService, type Service } from './model-service.js';

/** The service that the client is tested against. Suites look at what it keeps by HTTP alone, so it may be any other. */
export function startService(): Promise<Service> {
  return ModelService.start();
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
