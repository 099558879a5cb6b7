import { addTo, draftOf, parseData, pick, pickText, serializeData } from '../data/values.js';
import { lockTimeout, sessionConflict, sessionEnded } from '../session.problems.js';
import type { RequestSession } from './request-session.js';
import {
  fill,
  makeSession,
  refuseControls,
  type RegenerateOptions,
  type Session,
  type SessionValues,
} from './session-object.js';
import type { SessionHold } from './session-hold.js';
import type { SessionRecord } from '../storage/session-record.js';
import { SessionSecret } from './session-secret.js';
import type { NewSessionTraits } from './session-writes.js';
import type { DataChanges } from '../storage/session-store.js';

export interface SignInOptions extends NewSessionTraits {
  readonly identity: NonNullable<NewSessionTraits['identity']>;
  /** Keys of the data that survive signing in. Default: none. */
  readonly carryOver?: readonly string[];
}

/** What the controls of a session do. Those of an object that is not the request's session any more do nothing. */
export abstract class SessionActions extends SessionSecret {
  #letsGoOnClose = false;

  async regenerate(session: object, { keep }: RegenerateOptions): Promise<void> {
    if (!this.isCurrent(session)) return;
    const before = this.record;
    // A former secret opens the session, but it must not take it along to a new one: whoever holds it may have stolen it.
    if (keep && before !== null && (await this.isSecretCurrent(session)) === false)
      throw this.noted(sessionConflict([]));
    const kept = keep === true ? { ...session } : pick(session as SessionValues, keep || []);
    if (before === null) return void this.#replaceBy(kept);
    const { absoluteExpiresAt, persistent, idleTimeout, label } = before;
    const fresh = {};
    const traits = keep === true ? { identity: before, absoluteExpiresAt, persistent, idleTimeout, label } : fresh;
    await this.#startOver(before, kept, traits, fresh);
  }

  /** A new record for this user with a new handle and secret; of what was there before, only `carryOver` comes along (OWASP ASVS 5.0, 7.2.4). */
  async signIn(session: object, { carryOver = [], ...traits }: SignInOptions): Promise<Session> {
    if (!this.isCurrent(session)) throw sessionEnded();
    const kept = pick(session as SessionValues, carryOver);
    return this.#startOver(this.record, kept, traits, traits);
  }

  /** The new record first, so that nothing is lost if the store fails in between: then the request goes on with the one before. */
  async #startOver(
    before: SessionRecord | null,
    kept: object,
    traits: NewSessionTraits,
    fresh: NewSessionTraits,
  ): Promise<Session> {
    const { secret, issued, match } = this;
    try {
      return await this.#replace(before, kept, traits, fresh);
    } catch (error) {
      Object.assign(this, { record: before, secret, issued, match });
      throw error;
    }
  }

  async #replace(
    before: SessionRecord | null,
    kept: object,
    traits: NewSessionTraits,
    fresh: NewSessionTraits,
  ): Promise<Session> {
    await this.insert(serializeData(kept), traits);
    if (before === null) return this.#replaceBy(kept);
    const inserted = this.record!;
    const cause = { ...this.cause, actorId: inserted.userId ?? before.userId };
    const ended = await this.writer.end(before.handle, before.userId, 'replaced', cause);
    const carries = traits !== fresh || Object.keys(kept).length > 0;
    if (ended || !carries) return this.#replaceBy(kept);
    // Somebody has ended it meanwhile: nothing of it may live on under another handle.
    await this.writer.end(inserted.handle, inserted.userId, 'replaced', cause);
    await this.insert('{}', fresh);
    return this.#replaceBy({});
  }

  #replaceBy(values: object): Session {
    this.checkedData = null;
    // An id that was made for what is gone.
    this.takeHandle();
    return (this.current = makeSession(this as unknown as RequestSession, values));
  }

  async destroy(session: object): Promise<void> {
    if (!this.isCurrent(session)) return;
    if (this.record !== null) await this.writer.end(this.record.handle, this.record.userId, 'logout', this.cause);
    this.destroyed = true;
    this.#stop();
  }

  endWithAnswer(): void {
    if (this.over) return;
    this.ending = true;
    this.#stop();
  }

  /** `@SkipSession()`: as if the request had come without one. */
  async skip(): Promise<void> {
    this.#stop();
    await this.unlock();
  }

  #stop(): void {
    this.over = true;
    this.failure = null;
    this.current = undefined;
  }

  async increment(session: object, key: string, by: number): Promise<number> {
    if (typeof by !== 'number' || !Number.isFinite(by))
      throw new TypeError('session.increment takes a finite number to add.');
    if (!this.isCurrent(session)) throw sessionEnded();
    refuseControls([key]);
    const values = session as SessionValues;
    const { record } = this;
    if (record === null) return (values[key] = addTo(values, key, by));

    const own = pick(values, [key]);
    const pending = draftOf(pickText(record.data, key), own);
    const saved = await this.writer.save(record, {
      changes: { ...pending?.changes, increment: new Map([[key, by]]) },
      client: this.request,
      fence: this.lease?.fence,
    });
    if (saved === 'gone') throw sessionEnded();
    const value = parseData(saved.data)![key] as number;
    values[key] = value;
    const base = { ...parseData(record.data), ...Object.fromEntries([[key, value]]) };
    this.remember(record, JSON.stringify(base), saved);
    return value;
  }

  /** Waits for the lock and reads under it. The read also tells the store the fence, so that a former holder's late save is refused. */
  async lock(session: object | undefined): Promise<SessionHold> {
    const hold: SessionHold = { release: () => this.#release(), [Symbol.asyncDispose]: () => this.#release() };
    const { record, engine } = this;
    if (record === null || this.lease !== null || (session && !this.isCurrent(session))) return hold;
    const { lockWait, lockLease, storeDeadline } = engine.options;
    const acquire = () => engine.storage.locks.acquire(record.handle, { wait: lockWait, lease: lockLease });
    const lease = await engine.ask('lock', acquire, lockWait + storeDeadline);
    if (lease === null) throw this.noted(lockTimeout());
    this.lease = lease;
    this.letGoOnClose();
    const pending = this.current ? draftOf(record.data, this.current) : null;
    const fresh = await this.writer.save(record, { changes: null, fence: lease.fence });
    if (fresh === 'gone') {
      await this.unlock();
      if (this.current !== undefined) throw sessionEnded();
      // Nobody has seen it yet: as if it had ended before this request came.
      this.forget();
      this.missing = true;
      return hold;
    }
    this.exact = true;
    this.record = { ...record, ...fresh };
    if (this.current) this.#refill(this.current, parseData(fresh.data), pending?.changes);
    else await this.check(this.record);
    return hold;
  }

  async #release(): Promise<void> {
    if (this.lease === null) return;
    try {
      if (this.current && this.record) await this.save(this.current);
    } finally {
      await this.unlock();
    }
  }

  async unlock(): Promise<void> {
    const { lease } = this;
    if (lease === null) return;
    this.lease = null;
    await this.engine.ask('unlock', () => this.engine.storage.locks.release(lease));
  }

  /** A client may leave before there is an answer. */
  protected letGoOnClose(): void {
    if (this.#letsGoOnClose) return;
    this.#letsGoOnClose = true;
    this.response?.once('close', () => void this.letGo());
  }

  /** For when nobody is left to be told of a failure. */
  protected async letGo(): Promise<void> {
    await this.unlock().catch((error: unknown) =>
      this.engine.warn('A lock could not be released and will end by itself', error),
    );
  }

  async reload(session: object): Promise<void> {
    if (!this.isCurrent(session)) return;
    if (this.record === null) return this.#refill(session as Session, null);
    const record = await this.stored(session);
    if (record === null) throw sessionEnded();
    this.exact = true;
    this.record = record;
    this.rematch(record);
    await this.check(record);
    this.#refill(session as Session, this.record && (this.checkedData ?? parseData(record.data)));
  }

  #refill(session: Session, data: object | null, pending?: DataChanges): void {
    const values = session as SessionValues;
    for (const key of Object.keys(values)) delete values[key];
    fill(session, data ?? {});
    for (const [key, json] of pending?.set ?? []) values[key] = JSON.parse(json) as unknown;
    for (const key of pending?.unset ?? []) delete values[key];
  }

  async save(session: object): Promise<void> {
    if (!this.isCurrent(session)) return;
    if (this.record === null) return this.insert(serializeData(session));
    const draft = draftOf(this.record.data, session);
    if (draft !== null && (await this.write(this.record, draft)) === 'gone') throw sessionEnded();
  }

  async touch(session: object): Promise<void> {
    if (this.isCurrent(session)) this.touched = true;
  }
}
