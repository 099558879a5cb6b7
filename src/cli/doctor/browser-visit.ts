import { Cookie, CookieJar } from 'tough-cookie';

const PATIENCE = 10_000;

export interface VisitAnswer {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly setCookies: readonly string[];
  readonly text: string;
  /** The server's clock beside ours, in milliseconds; null if the answer has no date. */
  readonly clockAhead: number | null;
}

/** Asks as a browser does that keeps cookies. */
export class BrowserVisit {
  readonly #jar = new CookieJar();

  get(url: URL): Promise<VisitAnswer> {
    return this.#ask(url, { method: 'GET' });
  }

  post(url: URL, body?: object): Promise<VisitAnswer> {
    const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return this.#ask(url, { method: 'POST', ...json });
  }

  /** The names of the cookies that the browser would send there. */
  async namesAt(url: URL): Promise<string[]> {
    return (await this.#jar.getCookies(url.href)).map(({ key }) => key);
  }

  async #ask(
    url: URL,
    init: { method: string; body?: string; headers?: Record<string, string> },
  ): Promise<VisitAnswer> {
    const cookie = await this.#jar.getCookieString(url.href);
    const headers = { accept: 'application/json', ...init.headers, ...(cookie ? { cookie } : {}) };
    const begun = Date.now();
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) });
    const ended = Date.now();
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) await this.#jar.setCookie(line, url.href, { ignoreError: true });
    const date = Date.parse(response.headers.get('date') ?? '');
    const clockAhead = Number.isNaN(date) ? null : date - (begun + ended) / 2;
    return {
      url,
      status: response.status,
      headers: response.headers,
      setCookies,
      text: await response.text(),
      clockAhead,
    };
  }
}

export function parseLine(line: string): Cookie | undefined {
  return Cookie.parse(line);
}
