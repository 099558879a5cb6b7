import type { RequestSession } from './request-session.js';
import { SessionCookie } from './cookie-view.js';
import type { SessionHold } from './session-hold.js';

type Callback = (error?: unknown) => void;

export interface RegenerateOptions {
  /** `true`: all data, who is signed in and the absolute end go along; a list: those keys of the data. Default: nothing. */
  readonly keep?: boolean | readonly string[];
}

/**
 * The controls of a session. They are inherited and reserved: assigning one throws a TypeError; every other key is data.
 * Each takes a callback in the express-session style, or returns a promise.
 */
export interface SessionControls {
  /** The public handle. Made at first sight for a session that is not stored yet. */
  readonly id: string;
  readonly cookie: SessionCookie;
  /**
   * Ends this session and starts an empty one under a new handle, as a new object on the request. Acts on the store at once where there
   * was a stored session. Of a session that somebody ended meanwhile nothing is kept.
   * @throws 409 `conflict` for `keep` where the request came with the secret from before the last renewal
   */
  regenerate(options?: RegenerateOptions): Promise<void>;
  regenerate(callback: Callback): void;
  /** A new secret on the same record, at once; the former one still opens it for `renewGrace`. @throws 401 `session_ended` */
  rotate(): Promise<void>;
  rotate(callback: Callback): void;
  /** Ends the session in the store, at once, and clears the cookie. */
  destroy(): Promise<void>;
  destroy(callback: Callback): void;
  /** Removes all data and keeps the session. Saved at the end, like any change. */
  clear(): void;
  /**
   * Adds to a number in the store, at once and atomically, and resolves to the new value. An absent key counts as 0. It stays,
   * whatever becomes of the request. @throws TypeError if the value is not a number
   */
  increment(key: string, by?: number): Promise<number>;
  /** Waits for the session's lock, then reads the data afresh. Held to the end of the answer, or until released. @throws 503 `lock_timeout` */
  lock(): Promise<SessionHold>;
  /** Reads the data again and drops unsaved changes. @throws 401 `session_ended` */
  reload(): Promise<void>;
  reload(callback: Callback): void;
  /** Saves the changes now instead of at the end of the request. @throws 401 `session_ended`, 409, 413 */
  save(): Promise<void>;
  save(callback: Callback): void;
  /** Moves the idle end with this request, whatever `touchInterval` says. */
  touch(): Promise<void>;
  touch(callback: Callback): void;
}

export type SessionValues = Record<string, unknown>;

/** A session as handlers see it: its values as plain properties, its controls behind them. */
export type Session<T extends object = SessionValues> = SessionControls & Partial<T>;

const controls = new Set<string>();

/** Sets each value. One that other hands have stored under the name of a control is left out, and goes with the next save. */
export function fill(session: object, values: object): void {
  for (const key of Object.keys(values)) {
    if (!controls.has(key)) (session as SessionValues)[key] = values[key as keyof typeof values];
  }
}

/**
 * The object behind `req.session`. Its prototype chain ends without `Object.prototype`, so `__proto__` and `constructor` are plain
 * data and no Proxy is needed.
 */
class SessionObject {
  readonly #life: RequestSession;

  constructor(life: RequestSession, values: object) {
    this.#life = life;
    fill(this, values);
  }

  static lifeOf(session: object): RequestSession | undefined {
    return #life in session ? session.#life : undefined;
  }
}

function lifeOf(session: object): RequestSession {
  const life = SessionObject.lifeOf(session);
  if (!life) throw new TypeError('A control of a session was called on something else; call it as session.name().');
  return life;
}

/** A promise, or the callback's way: errors thrown by the callback are the application's, never ours. */
function settle<T>(
  session: object,
  act: (life: RequestSession) => Promise<T>,
  callback: unknown,
): Promise<T> | undefined {
  const life = lifeOf(session);
  const work = life.noting(act(life));
  if (typeof callback !== 'function') return work;
  const call = callback as (error: unknown) => void;
  work.then(
    () => process.nextTick(call, undefined),
    (error: unknown) => process.nextTick(call, error),
  );
  return undefined;
}

const methods: Record<string, (this: object, ...args: never[]) => unknown> = {
  regenerate(options?: RegenerateOptions | Callback, callback?: Callback) {
    const isCallback = typeof options === 'function';
    return settle(
      this,
      (life) => life.regenerate(this, isCallback ? {} : (options ?? {})),
      isCallback ? options : callback,
    );
  },
  rotate(callback?: Callback) {
    return settle(this, (life) => life.rotate(this), callback);
  },
  destroy(callback?: Callback) {
    return settle(this, (life) => life.destroy(this), callback);
  },
  clear() {
    for (const key of Object.keys(this)) delete (this as SessionValues)[key];
  },
  increment(key: string, by = 1) {
    return settle(this, (life) => life.increment(this, key, by), undefined);
  },
  lock() {
    return settle(this, (life) => life.lock(this), undefined);
  },
  reload(callback?: Callback) {
    return settle(this, (life) => life.reload(this), callback);
  },
  save(callback?: Callback) {
    return settle(this, (life) => life.save(this), callback);
  },
  touch(callback?: Callback) {
    return settle(this, (life) => life.touch(this), callback);
  },
};

function controlError(name: string): TypeError {
  return new TypeError(`session.${name} is a control of the session, not data; keep the value under another name.`);
}

function reserve(name: string, get: (this: object) => unknown): void {
  controls.add(name);
  Object.defineProperty(SessionObject.prototype, name, {
    get,
    set() {
      throw controlError(name);
    },
  });
}

for (const [name, method] of Object.entries(methods)) reserve(name, () => method);
reserve('id', function () {
  return lifeOf(this).handleOf(this);
});
reserve('cookie', function () {
  return lifeOf(this).cookieOf(this);
});

// Existing code asks sessions things like `session.hasOwnProperty('cart')`; these stay ordinary names for data.
for (const name of [
  'hasOwnProperty',
  'propertyIsEnumerable',
  'isPrototypeOf',
  'toString',
  'toLocaleString',
  'valueOf',
]) {
  const value: unknown = Object.prototype[name as keyof object];
  Object.defineProperty(SessionObject.prototype, name, { value, writable: true, configurable: true });
}
Object.setPrototypeOf(SessionObject.prototype, null);

export function makeSession(life: RequestSession, values: object): Session {
  return new SessionObject(life, values) as unknown as Session;
}

/** @throws TypeError if one of these keys cannot be data */
export function refuseControls(keys: readonly string[]): void {
  const control = keys.find((key) => controls.has(key));
  if (control !== undefined) throw controlError(control);
}

/** The life behind a session object. @throws TypeError if it is not one */
export function lifeOfSession(session: object): RequestSession {
  return lifeOf(session);
}
