import type { DataChanges } from '../data/merge.js';
import type { RegenerateOptions, Session, SessionCookie, SessionHold, SessionValues } from '../session.types.js';

type Callback = (error?: unknown) => void;

/**
 * What the controls of a session object call. Each call names the object, so that one that is no longer the request's
 * session has no effect.
 */
export interface SessionKeeper {
  handleOf(session: object): string;
  cookieOf(session: object): SessionCookie;
  regenerate(session: object, options: RegenerateOptions): Promise<void>;
  rotate(session: object): Promise<void>;
  destroy(session: object): Promise<void>;
  increment(session: object, key: string, by: number): Promise<number>;
  lock(session: object): Promise<SessionHold>;
  reload(session: object): Promise<void>;
  save(session: object): Promise<void>;
  touch(session: object): Promise<void>;
  /** The same promise. If it rejects with a refusal, its `Retry-After` is remembered for the answer. */
  noting<T>(work: Promise<T>): Promise<T>;
  /** The application has to await this promise of a control. */
  watch(control: string, work: Promise<unknown>): void;
}

const controls = new Set<string>();

/** Sets each value. A stored value that has the name of a control is left out, and the next save removes it. */
function fill(session: object, values: object): void {
  for (const key of Object.keys(values)) {
    if (!controls.has(key)) (session as SessionValues)[key] = values[key as keyof typeof values];
  }
}

/**
 * The object behind `req.session`. Its prototype chain ends without `Object.prototype`, so `__proto__` and
 * `constructor` are plain data and no Proxy is needed.
 */
class SessionObject {
  readonly #keeper: SessionKeeper;

  constructor(keeper: SessionKeeper, values: object) {
    this.#keeper = keeper;
    fill(this, values);
  }

  static keeperOf(session: object): SessionKeeper | undefined {
    return #keeper in session ? session.#keeper : undefined;
  }
}

/** The keeper behind a session object; undefined if it is not one, such as the session of another library. */
export function findKeeper(session: object): SessionKeeper | undefined {
  return SessionObject.keeperOf(session);
}

/** The keeper behind a session object. @throws TypeError if it is not one */
export function keeperOf(session: object): SessionKeeper {
  const keeper = findKeeper(session);
  if (!keeper) throw new TypeError('A control of a session was called on something else; call it as session.name().');
  return keeper;
}

/** Answers by a promise, or by the callback of express-session. What the callback throws is not caught. */
function perform<T>(
  session: object,
  control: string,
  act: (keeper: SessionKeeper) => Promise<T>,
  callback: unknown,
): Promise<T> | undefined {
  const keeper = keeperOf(session);
  const work = keeper.noting(act(keeper));
  if (typeof callback !== 'function') {
    keeper.watch(control, work);
    return work;
  }
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
    return perform(
      this,
      'regenerate',
      (keeper) => keeper.regenerate(this, isCallback ? {} : (options ?? {})),
      isCallback ? options : callback,
    );
  },
  rotate(callback?: Callback) {
    return perform(this, 'rotate', (keeper) => keeper.rotate(this), callback);
  },
  destroy(callback?: Callback) {
    return perform(this, 'destroy', (keeper) => keeper.destroy(this), callback);
  },
  clear() {
    for (const key of Object.keys(this)) delete (this as SessionValues)[key];
  },
  increment(key: string, by = 1) {
    return perform(this, 'increment', (keeper) => keeper.increment(this, key, by), undefined);
  },
  lock() {
    return perform(this, 'lock', (keeper) => keeper.lock(this), undefined);
  },
  reload(callback?: Callback) {
    return perform(this, 'reload', (keeper) => keeper.reload(this), callback);
  },
  save(callback?: Callback) {
    return perform(this, 'save', (keeper) => keeper.save(this), callback);
  },
  touch(callback?: Callback) {
    return perform(this, 'touch', (keeper) => keeper.touch(this), callback);
  },
};

/** In the shape of `http-errors`, which Nest, Express and Fastify answer by 400: such a key may come from the client. */
function controlError(name: string): TypeError {
  const message = `session.${name} is a control of the session, not data; keep the value under another name.`;
  return Object.assign(new TypeError(message), {
    ...{ status: 400, statusCode: 400, expose: true },
    code: 'session_key_reserved',
  });
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
  return keeperOf(this).handleOf(this);
});
reserve('cookie', function () {
  return keeperOf(this).cookieOf(this);
});

// Existing code calls e.g. `session.hasOwnProperty('cart')`; data may still be stored under these names.
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

/** With `get` and `set` in addition, which plugins of Fastify call. Data may be stored under these names as well. */
class FastifySessionObject extends SessionObject {}
const accessors = {
  get(this: SessionValues, key: string): unknown {
    return Object.hasOwn(this, key) ? this[key] : undefined;
  },
  set(this: SessionValues, key: string, value: unknown): void {
    this[key] = value;
  },
};
for (const [name, value] of Object.entries(accessors))
  Object.defineProperty(FastifySessionObject.prototype, name, { value, writable: true, configurable: true });

export function makeSession(keeper: SessionKeeper, values: object, hasAccessors = false): Session {
  const made = hasAccessors ? new FastifySessionObject(keeper, values) : new SessionObject(keeper, values);
  return made as unknown as Session;
}

/** @throws TypeError if one of these keys cannot be data */
export function refuseControls(keys: readonly string[]): void {
  const control = keys.find((key) => controls.has(key));
  if (control !== undefined) throw controlError(control);
}

/** Gives the object the values of the stored session, and of this request's unsaved changes. */
export function refill(session: object, data: object, pending?: DataChanges): void {
  const values = session as SessionValues;
  for (const key of Object.keys(values)) delete values[key];
  fill(session, data);
  for (const [key, json] of pending?.set ?? []) values[key] = JSON.parse(json) as unknown;
  for (const key of pending?.unset ?? []) delete values[key];
}
