/** For a single call. */
export interface CallOptions {
  /** Ends the call at once, also while it waits to try again; the call rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface SessionOptions<T extends object = Record<string, unknown>> {
  /** Where the service is, with or without its `/sessman`. Default: the origin of the page. */
  base_url?: string | undefined;
  /** The API key. It is sent as a bearer token, and shows up in no error and no field. Default: none is sent. */
  auth?: string | undefined;
  /** The first data of a new session. Default: none. */
  data?: T | undefined;
  /** How long a new session lives without an update or a touch, in seconds. Default: what the service says. */
  ttl?: number | undefined;
  /** Makes the requests, in place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** Ends every call of this session, like the `signal` of a single call. */
  signal?: AbortSignal | undefined;
  /** How long one attempt may take, in milliseconds. Default 10,000. */
  timeout?: number | undefined;
  /** How long a call may take with all of its attempts and the waiting between them, in milliseconds. Default 30,000. */
  deadline?: number | undefined;
  /** How many attempts may follow the first one. Default 4. */
  retries?: number | undefined;
  /** Whether `updateSession` is refused if the stored version is not the one that was read last. Default `false`. */
  ifMatch?: boolean | undefined;
}

/** What all calls of a session share. */
export interface Settings {
  /** Ends in `/sessman`. */
  readonly url: string;
  readonly auth: string | undefined;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly deadline: number;
  readonly retries: number;
  readonly ifMatch: boolean;
}

/** @throws TypeError that names the option and says what it should be; it repeats no value, which may be a secret */
export function settingsOf(options: SessionOptions<object>): Settings {
  const { base_url = '', auth, signal, timeout = 10_000, deadline = 30_000, retries = 4, ifMatch = false } = options;
  if (auth != null && !/^[!-~]+$/.test(auth))
    throw new TypeError('auth must be an API key, exactly as the service has shown it.');
  return {
    url: serviceUrl(base_url),
    auth: auth ?? undefined,
    // Browsers refuse `fetch` as a method of another object.
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    signal: signal ?? undefined,
    timeout: atLeast(0, 'timeout', timeout),
    deadline: atLeast(0, 'deadline', deadline),
    retries: atLeast(0, 'retries', retries),
    ifMatch,
  };
}

function serviceUrl(base: string): string {
  const page = (globalThis as { location?: { href: string } }).location;
  let url: URL | undefined;
  try {
    url = new URL(base, page?.href);
  } catch {
    // Reported below.
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new TypeError(
      'base_url must be an http(s) address without credentials, such as https://example.com/sessman.',
    );
  return url.origin + url.pathname.replace(/(?:\/sessman)?\/*$/, '/sessman');
}

function atLeast(least: number, name: string, value: number): number {
  if (!(value >= least)) throw new TypeError(`${name} must be a number of at least ${least}.`);
  return value;
}
