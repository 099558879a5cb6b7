import type { DefaultSessionData, NumberKey, SessionShape, SessionValues } from './session-data.types.js';

export type { SessionData, SessionValues } from './session-data.types.js';

type Callback = (error?: unknown) => void;

/** A lock held by this request. Works with `await using`. */
export interface SessionHold extends AsyncDisposable {
  /** Saves what was changed under the lock, then releases it. Calling it twice is no error. */
  release(): Promise<void>;
}

/** `session.cookie`: what express-session applications read and set. */
export interface SessionCookie {
  /** Milliseconds until the session expires without another request; null for a browser-session cookie. */
  get maxAge(): number | null;
  /**
   * Makes this session's cookie persistent and its idle time this long, never beyond the absolute end; null makes it a
   * browser-session cookie again. Sent with this answer even if no data changed. @throws RangeError for anything but
   * null or a positive number
   */
  set maxAge(milliseconds: number | null | undefined);
  /** The idle time of a persistent session in milliseconds, null for a browser-session cookie. */
  readonly originalMaxAge: number | null;
  /** When a persistent cookie ends, null for a browser-session cookie. */
  get expires(): Date | null;
  set expires(date: Date | false | null | undefined);
  readonly httpOnly: boolean;
  readonly path: string;
  readonly domain: string | undefined;
  readonly sameSite: 'strict' | 'lax' | 'none';
  /** Whether this answer's cookie is `Secure`. */
  readonly secure: boolean;
  toJSON(): object;
}

export interface RegenerateOptions<Key extends string = string> {
  /**
   * `true`: keeps all data, who is signed in and the absolute end; a list: keeps those keys of the data. Default:
   * nothing.
   */
  readonly keep?: boolean | readonly Key[];
}

/**
 * The controls of a session. They are inherited and reserved: assigning one throws a TypeError; every other key is
 * data. Each takes a callback in the express-session style, or returns a promise.
 */
export interface SessionControls<T extends object = SessionValues> {
  /** The public handle. For a session that is not stored yet it is made when first read. */
  readonly id: string;
  readonly cookie: SessionCookie;
  /**
   * Ends this session and starts an empty one under a new handle, as a new object on the request. Writes to the store
   * at once if the session was stored. If the session was ended meanwhile, nothing of it is kept.
   * @throws 409 `conflict` for `keep` where the request came with the secret from before the last renewal
   */
  regenerate(options?: RegenerateOptions<keyof T & string>): Promise<void>;
  regenerate(callback: Callback): void;
  /**
   * A new secret on the same record, at once; the former one still opens it for `renewGrace`. @throws 401
   * `session_ended`
   */
  rotate(): Promise<void>;
  rotate(callback: Callback): void;
  /** Ends the session in the store, at once, and clears the cookie. */
  destroy(): Promise<void>;
  destroy(callback: Callback): void;
  /** Removes all data and keeps the session. Saved at the end, like any change. */
  clear(): void;
  /**
   * Adds to a number in the store, at once and atomically, and resolves to the new value. An absent key counts as 0.
   * The sum stays even if the request fails later. @throws TypeError if the value is not a number
   */
  increment(key: NumberKey<T>, by?: number): Promise<number>;
  /**
   * Waits for the session's lock, then reads the data afresh. The lock is held until the end of the answer, or until
   * released. @throws 503 `lock_timeout`
   */
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

/**
 * A session as handlers see it: its values as plain properties, its controls behind them. What JSON would change, such
 * as a Date, and the names of controls are errors of `T`.
 */
export type Session<T extends object & SessionShape<T> = DefaultSessionData> = SessionControls<T> & Partial<T>;
