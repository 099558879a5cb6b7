import { badAnswer, storedPage, storedSession, type Arrived, type StoredSession } from './answers.js';
import { attempts, call, type Call } from './call.js';
import { settingsOf, type CallOptions, type SessionOptions, type Settings } from './client.options.js';
import { SessionNotFoundError, SessmanError, VersionMismatchError } from './errors.js';

/** Changes of single keys. Those that are not named stay as they are, whoever else changes them meanwhile. */
export interface SessionPatch<T extends object = Record<string, unknown>> {
  set?: Partial<T> | undefined;
  unset?: readonly (keyof T & string)[] | undefined;
  /** What is added to numbers; an absent key counts as 0. */
  increment?: Partial<Record<keyof T & string, number>> | undefined;
}

type Values = Record<string, unknown>;

/**
 * A session that the service keeps for a user. Its data is here as `data`, as it was read last; change it and call
 * `updateSession()`, or change single keys in the service with `patch()`.
 *
 * Every method tries again where an answer was lost or the service asked for it, takes effect once at most, and rejects
 * with a `SessmanError` if it fails. The last argument of each is `{ signal }`, which ends it at once.
 */
export class Session<T extends object = Values> {
  readonly #settings: Settings;
  /** Whoever has it and the API key can read and change the session. */
  readonly session_id: string;
  readonly user: string;
  /** The session's values. Changes stay here until `updateSession()`. */
  data: T;
  #version: number;
  #expiresAt: Date;

  private constructor(settings: Settings, stored: StoredSession) {
    this.#settings = settings;
    this.session_id = stored.session_id;
    this.user = stored.user;
    this.data = stored.data as T;
    this.#version = stored.version;
    this.#expiresAt = new Date(stored.expires_at);
  }

  /**
   * Makes a session for this user, with `options.data` in it.
   * @throws SessmanError; TypeError for options that cannot be right
   */
  static async create<T extends object = Values>(
    user: string,
    options: SessionOptions<T> = {},
    { signal }: CallOptions = {},
  ): Promise<Session<T>> {
    const settings = settingsOf(options);
    const { data, ttl } = options;
    const body = JSON.stringify({ data, ttl });
    const headers = newIdempotencyKey();
    const answer = await call(settings, { route: 'new', query: { userid: user }, body, headers, signal });
    return new Session<T>(settings, storedSession(answer));
  }

  /**
   * A session that exists. `options.data` and `options.ttl` have no meaning here.
   * @throws SessionNotFoundError if there is none of this id and user
   */
  static async open<T extends object = Values>(
    user: string,
    id: string,
    options: SessionOptions<T> = {},
    { signal }: CallOptions = {},
  ): Promise<Session<T>> {
    const settings = settingsOf(options);
    return new Session<T>(settings, await read(settings, { sessionid: id, userid: user }, signal));
  }

  /**
   * All sessions of this user, in the order of the service, a page of them at a time: the next page is asked for when
   * the loop gets there. @throws SessmanError
   */
  static async *list<T extends object = Values>(
    user: string,
    options: SessionOptions<T> = {},
    { signal }: CallOptions = {},
  ): AsyncGenerator<Session<T>, void, undefined> {
    const settings = settingsOf(options);
    let cursor: string | null = null;
    do {
      const query: Call['query'] = { userid: user, cursor };
      const page = storedPage(await call(settings, { method: 'GET', route: 'list', query, signal }));
      for (const stored of page.items) yield new Session<T>(settings, stored);
      cursor = page.next;
    } while (cursor !== null);
  }

  /** The version of the data that was read last. It rises with each change. */
  get version(): number {
    return this.#version;
  }

  /** When the session ends unless it is updated or touched before, as it was read last. */
  get expiresAt(): Date {
    return new Date(this.#expiresAt);
  }

  /**
   * Replaces the stored data by `data` as it is now, and moves the end.
   * @throws VersionMismatchError with the option `ifMatch`, if the stored version is not `version`
   */
  async updateSession({ signal }: CallOptions = {}): Promise<void> {
    const { ifMatch } = this.#settings;
    const body = JSON.stringify({ data: this.data });
    const expected = this.#version;
    const headers = ifMatch ? { 'if-match': `"${expected}"` } : undefined;
    const { result, mayHaveActed } = await attempts(this.#settings, { ...this.#of('update'), body, headers, signal });
    if (!(result instanceof SessmanError)) return this.#noteVersion(storedSession(result));
    // The version may have been moved by an attempt of ours whose answer was lost.
    if (!(mayHaveActed && result instanceof VersionMismatchError)) throw result;
    const now = await this.#read(signal);
    if (now.version !== expected + 1 || JSON.stringify({ data: now.data }) !== body) throw result;
    this.#noteVersion(now);
  }

  /**
   * Changes single keys of the stored data, and reads all of it: changes of `data` that were not saved are dropped.
   * @throws SessmanError, for example if a key to be incremented holds no number
   */
  async patch({ set, unset, increment }: SessionPatch<T>, { signal }: CallOptions = {}): Promise<void> {
    await this.#patch({ set, unset, increment }, signal);
  }

  /**
   * Adds to a number in the stored data and resolves to the sum, which is exact however many clients add at a time.
   * Reads all of the data, like `patch()`.
   */
  async increment(key: keyof T & string, by = 1, { signal }: CallOptions = {}): Promise<number> {
    if (!Number.isFinite(by)) throw new TypeError('increment takes a finite number to add.');
    const answer = await this.#patch({ increment: { [key]: by } }, signal);
    const sum = storedSession(answer).data[key];
    if (typeof sum !== 'number') throw badAnswer(answer);
    return sum;
  }

  /** Reads the session again. Changes of `data` that were not saved are dropped. @throws SessionNotFoundError */
  async refresh({ signal }: CallOptions = {}): Promise<void> {
    this.#adopt(await this.#read(signal));
  }

  /** Moves the end and changes nothing else. @throws SessionNotFoundError */
  async touch({ signal }: CallOptions = {}): Promise<void> {
    this.#noteEnd(storedSession(await call(this.#settings, { ...this.#of('touch'), signal })));
  }

  /** Ends the session. @throws SessionNotFoundError if it had ended before this call */
  async end({ signal }: CallOptions = {}): Promise<void> {
    const { result, mayHaveActed } = await attempts(this.#settings, { ...this.#of('delete'), signal });
    // After a lost answer, there is no such session any more because this call has ended it.
    const isDone = !(result instanceof SessmanError) || (mayHaveActed && result instanceof SessionNotFoundError);
    if (!isDone) throw result;
  }

  #of(route: string): Pick<Call, 'route' | 'query'> {
    return { route, query: { sessionid: this.session_id } };
  }

  #read(signal: AbortSignal | undefined): Promise<StoredSession> {
    return read(this.#settings, { sessionid: this.session_id, userid: this.user }, signal);
  }

  async #patch(changes: object, signal: AbortSignal | undefined): Promise<Arrived> {
    const headers = newIdempotencyKey();
    const answer = await call(this.#settings, { ...this.#of('patch'), body: JSON.stringify(changes), headers, signal });
    const stored = storedSession(answer);
    // Of calls that run at the same time, an older state may arrive last.
    if (stored.version >= this.#version) this.#adopt(stored);
    return answer;
  }

  #adopt(stored: StoredSession): void {
    this.data = stored.data as T;
    this.#noteVersion(stored);
  }

  #noteVersion(stored: StoredSession): void {
    this.#version = stored.version;
    this.#noteEnd(stored);
  }

  #noteEnd({ expires_at }: StoredSession): void {
    this.#expiresAt = new Date(expires_at);
  }
}

async function read(
  settings: Settings,
  query: NonNullable<Call['query']>,
  signal: AbortSignal | undefined,
): Promise<StoredSession> {
  return storedSession(await call(settings, { method: 'GET', route: 'get', query, signal }));
}

/** The service does what comes with one key once, however often it arrives. */
function newIdempotencyKey(): { 'idempotency-key': string } {
  // `randomUUID` is missing in pages without HTTPS.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { 'idempotency-key': Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}
