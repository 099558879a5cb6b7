import { setTimeout as pause } from 'node:timers/promises';
import {
  copyOfRotation,
  copyOfUpdate,
  rotateRecord,
  SessionExistsError,
  SessionStore,
  updateRecord,
  type RotationOutcome,
  type SecretRotation,
  type SessionRecord,
  type SessionUpdate,
  type UpdateOutcome,
} from 'nest-gatehouse/session/storage';

type Callback<T> = (error?: unknown, value?: T) => void;

/** What `express-session` and `@fastify/session` need of a store. */
export interface ExpressSessionStore {
  get(sid: string, callback: Callback<unknown>): unknown;
  set(sid: string, session: never, callback: Callback<void>): unknown;
  destroy(sid: string, callback: Callback<void>): unknown;
}

/** A session as such a store gets it: the cookie says when it ends. */
interface StoredSession {
  readonly cookie: object;
  readonly record: Omit<SessionRecord, 'data'>;
  readonly values: unknown;
}

export interface ExpressSessionStoreAdapterOptions {
  /** How long a request that changes its session takes from reading to writing it, in milliseconds. Default 5. */
  readonly handlerTime?: number;
}

/**
 * A store made for `express-session` or `@fastify/session` behind the contract of ours, to see which of its rules that
 * store keeps. It uses the store as those libraries do: it reads the whole session, changes it, and writes all of it back.
 */
export class ExpressSessionStoreAdapter extends SessionStore {
  readonly #handlerTime: number;

  constructor(
    private readonly store: ExpressSessionStore,
    { handlerTime = 5 }: ExpressSessionStoreAdapterOptions = {},
  ) {
    super();
    this.#handlerTime = handlerTime;
  }

  override async insert(record: SessionRecord): Promise<void> {
    const copy = { ...record, amr: [...record.amr] };
    if (await this.#open(record.handle)) throw new SessionExistsError(record.handle);
    await this.#write(copy);
  }

  override async read(handle: string): Promise<SessionRecord | null> {
    const session = await this.#get(handle);
    return session ? { ...session.record, data: JSON.stringify(session.values) } : null;
  }

  override async update(handle: string, update: SessionUpdate): Promise<UpdateOutcome> {
    const copy = copyOfUpdate(update);
    const former = await this.#open(handle);
    if (!former) return { status: 'gone' };
    const { outcome, record } = updateRecord(former, copy);
    if (record) await this.#write(record);
    return outcome;
  }

  override async rotate(handle: string, rotation: SecretRotation): Promise<RotationOutcome> {
    const copy = copyOfRotation(rotation);
    const former = await this.#open(handle);
    if (!former) return 'gone';
    const { outcome, record } = rotateRecord(former, copy);
    if (record) await this.#write(record);
    return outcome;
  }

  override async delete(handle: string): Promise<boolean> {
    if (!(await this.read(handle))) return false;
    await answered<void>((callback) => this.store.destroy(handle, callback));
    return true;
  }

  /** As at the beginning of a request, to the end of its handler. */
  async #open(handle: string): Promise<SessionRecord | null> {
    const record = await this.read(handle);
    await pause(this.#handlerTime);
    return record;
  }

  async #get(handle: string): Promise<StoredSession | null> {
    try {
      const session = await answered<unknown>((callback) => this.store.get(handle, callback));
      return (session ?? null) as StoredSession | null;
    } catch (error) {
      // `express-session` takes a file that is missing for a session that is missing.
      if ((error as { code?: unknown }).code === 'ENOENT') return null;
      throw error;
    }
  }

  async #write({ data, ...record }: SessionRecord): Promise<void> {
    const maxAge = record.expiresAt - Date.now();
    const cookie = { originalMaxAge: maxAge, maxAge, expires: new Date(record.expiresAt), httpOnly: true, path: '/' };
    const session: StoredSession = { cookie, record, values: JSON.parse(data) };
    await answered<void>((callback) => this.store.set(record.handle, session as never, callback));
  }
}

function answered<T>(ask: (callback: Callback<T>) => unknown): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    ask((error, value) => {
      if (error === undefined || error === null) resolve(value);
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}
