/** Whoever listens to it does so with `EventStream`. */
const ENDLESS = '/admin/api/live';

/** An answer as a client sees it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
  /** The `Set-Cookie` lines. */
  readonly setCookies: readonly string[];
}

/** Keeps cookies from answer to answer, as a browser would, and shows what was sent. */
export class BrowserClient {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly url: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  get(path: string, init: RequestInit = {}): Promise<Answer> {
    return this.request('GET', path, init);
  }

  post(path: string, body?: unknown, init: RequestInit = {}): Promise<Answer> {
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...init.headers } };
    return this.request('POST', path, { ...init, ...json });
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...this.headers, ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) };
    const response = await fetch(this.url + path, { redirect: 'manual', ...init, method, headers });
    const setCookies = response.headers.getSetCookie();
    for (const line of setCookies) this.#keep(line);
    const text = path.startsWith(ENDLESS) ? await leave(response) : await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      setCookies,
      json: <T>() => JSON.parse(text) as T,
    };
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const isDropped = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
    if (isDropped) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

async function leave(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  await response.body?.cancel();
  return '';
}
