import { setTimeout as wait } from 'node:timers/promises';

/** What a session holds, as the servers tell it. */
export interface SessionState {
  readonly open: boolean;
  readonly visits: number;
  readonly keys: number;
}

const DEADLINE = 5_000;

/** One client that has opened a session. */
export class Visitor {
  private constructor(
    private readonly url: string,
    readonly cookie: string,
  ) {}

  static async open(url: string): Promise<Visitor> {
    const response = await fetch(`${url}/open`, { method: 'POST' });
    await response.arrayBuffer();
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) throw new Error(`${url}/open gave no cookie.`);
    return new Visitor(url, cookie);
  }

  state(): Promise<SessionState> {
    return this.get('/values');
  }

  get<T>(path: string): Promise<T> {
    return this.#json('GET', path);
  }

  post<T>(path: string): Promise<T> {
    return this.#json('POST', path);
  }

  /** An answer of any status. */
  tryGet(path: string): Promise<Response> {
    return fetch(this.url + path, { headers: { cookie: this.cookie } });
  }

  /** Asks again and again, without the cookie, until the answer is `true`. */
  async until(path: string): Promise<void> {
    const deadline = Date.now() + DEADLINE;
    while ((await (await fetch(this.url + path)).text()) !== 'true') {
      if (Date.now() > deadline) throw new Error(`${path} did not come true within ${DEADLINE} ms.`);
      await wait(1);
    }
  }

  async #json<T>(method: string, path: string): Promise<T> {
    const response = await fetch(this.url + path, { method, headers: { cookie: this.cookie } });
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${await response.text()}`);
    return response.json() as Promise<T>;
  }
}
