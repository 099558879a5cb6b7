import { draftOf, parseData, addTo, pick, serializeData } from '../data/values.js';
import type { NewSessionTraits } from '../engine/new-record.js';
import { sessionConflict, sessionEnded, tooManyTokens } from '../session.problems.js';
import type { RegenerateOptions, Session, SessionCookie, SessionHold, SessionValues } from '../session.types.js';
import type { SessionRecord } from '../storage/session-record.js';
import { CookieView } from './cookie-view.js';
import { endRivals, replaceRivals } from './opening.js';
import type { RequestState } from './request-state.js';
import { findKeeper, keeperOf, makeSession, refill, refuseControls, type SessionKeeper } from './session-object.js';
import type { WorkingCopy } from './working-copy.js';

export interface SignInOptions extends NewSessionTraits {
  readonly identity: NonNullable<NewSessionTraits['identity']>;
  /** Keys of the data that survive signing in. Default: none. */
  readonly carryOver?: readonly string[];
}

/** The session that replaces another one. */
interface Successor {
  /** The values that are carried over. */
  readonly values: object;
  readonly traits: NewSessionTraits;
  /** Whether another user signs in: then the traits are kept even if the former session was ended meanwhile. */
  readonly isNew: boolean;
}

/** What the application asks of its session. Calls on an object that is no longer the request's session do nothing. */
export class SessionVerbs implements SessionKeeper {
  #cookie: CookieView | undefined;

  constructor(readonly state: RequestState) {}

  get #copy(): WorkingCopy {
    return this.state.copy;
  }

  /** The stored session if this object is the request's current one, else null. */
  storedOf(session: object): SessionRecord | null {
    return this.state.isCurrent(session) ? this.#copy.record : null;
  }

  noting<T>(work: Promise<T>): Promise<T> {
    return this.state.noting(work);
  }

  watch(control: string, work: Promise<unknown>): void {
    if (control !== 'touch') this.state.examination?.watch(control, work);
  }

  /** Makes a session object of these values, which is the request's session from now on. */
  begin(values: object): Session {
    return (this.state.object = makeSession(this, values, this.state.engine.hasAccessors));
  }

  handleOf(session: object): string {
    return this.storedOf(session)?.handle ?? this.#copy.handleToBe();
  }

  cookieOf(_session: object): SessionCookie {
    return (this.#cookie ??= new CookieView(this.#cookieSource()));
  }

  #cookieSource() {
    const { engine, visitor, lifetime, copy } = this.state;
    return {
      options: engine.options.cookie,
      get isHttps() {
        return visitor.isHttps;
      },
      now: () => engine.clock.now(),
      persistence: () => lifetime.persistence(copy.record),
      expires: () => lifetime.cookieExpires(copy.record),
      setMaxAge: (maxAge: number | null) => lifetime.set(maxAge),
    };
  }

  // A new record

  async regenerate(session: object, { keep }: RegenerateOptions): Promise<void> {
    const { state } = this;
    if (!state.isCurrent(session)) return;
    const before = this.#copy.record;
    // A former secret opens the session, but must not carry it over to a new one: it may have been stolen.
    if (keep && before !== null && (await this.#copy.isSecretCurrent()) === false) throw sessionConflict([]);
    const values = keep === true ? { ...session } : pick(session as SessionValues, keep || []);
    await replaceRivals(this.state);
    if (before === null) return void this.#continueAs(values);
    const { absoluteExpiresAt, persistent, idleTimeout, label } = before;
    const traits = keep === true ? { identity: before, absoluteExpiresAt, persistent, idleTimeout, label } : {};
    await this.#startOver(before, { values, traits, isNew: keep !== true });
  }

  /**
   * A new record for this user with a new handle and secret; of what was there before, only `carryOver` comes along
   * (OWASP ASVS 5.0, 7.2.4).
   */
  async signIn(session: object, { carryOver = [], ...traits }: SignInOptions): Promise<Session> {
    if (!this.state.isCurrent(session)) throw sessionEnded();
    if (this.state.isAmbiguous) throw tooManyTokens();
    const values = pick(session as SessionValues, carryOver);
    await replaceRivals(this.state);
    return this.#startOver(this.#copy.record, { values, traits, isNew: true });
  }

  /**
   * Inserts the new record before it deletes the old one. If the store fails in between, the request keeps the old
   * session, and nothing is lost.
   */
  async #startOver(before: SessionRecord | null, successor: Successor): Promise<Session> {
    const putBack = this.#copy.keep();
    try {
      return await this.#replace(before, successor);
    } catch (error) {
      putBack();
      throw error;
    }
  }

  async #replace(before: SessionRecord | null, { values, traits, isNew }: Successor): Promise<Session> {
    const { engine, visitor } = this.state;
    await this.#copy.insert(serializeData(values), traits);
    if (before === null) return this.#continueAs(values);
    const inserted = this.#copy.record!;
    const cause = visitor.cause(inserted.userId ?? before.userId);
    const ended = await engine.writer.end(before, 'replaced', cause);
    const carriesNothing = isNew && Object.keys(values).length === 0;
    if (ended || carriesNothing) return this.#continueAs(values);
    // The former session was ended meanwhile, so none of its values may live on under another handle.
    await engine.writer.end(inserted, 'replaced', cause);
    await this.#copy.insert('{}', isNew ? traits : {});
    return this.#continueAs({});
  }

  #continueAs(values: object): Session {
    this.#copy.startOver();
    return this.begin(values);
  }

  // The end

  async destroy(session: object): Promise<void> {
    const { state } = this;
    if (!state.isCurrent(session)) return;
    await this.end();
    state.leave('ended');
  }

  /** Ends the stored session, if there is one, in the store, and all that this request's tokens open. */
  async end(): Promise<void> {
    const { engine, visitor } = this.state;
    const { record } = this.#copy;
    await endRivals(this.state);
    if (record === null) return;
    await engine.writer.end(record, 'logout', visitor.cause(record.userId));
  }

  /** `@SkipSession()`: as if the request had come without one. */
  async skip(): Promise<void> {
    this.state.leave('skipped');
    await this.state.lock.release();
  }

  // The data

  async increment(session: object, key: string, by: number): Promise<number> {
    if (typeof by !== 'number' || !Number.isFinite(by))
      throw new TypeError('session.increment takes a finite number to add.');
    if (!this.state.isCurrent(session)) throw sessionEnded();
    refuseControls([key]);
    const values = session as SessionValues;
    if (this.#copy.record === null) return (values[key] = addTo(values, key, by));
    const value = await this.#copy.increment(values, key, by);
    if (value === 'gone') throw sessionEnded();
    values[key] = value;
    return value;
  }

  /** Waits for the lock, then reads the session again. */
  async lock(session: object | undefined): Promise<SessionHold> {
    const hold: SessionHold = { release: () => this.#release(), [Symbol.asyncDispose]: () => this.#release() };
    const { state } = this;
    const { record } = this.#copy;
    if (record === null || state.lock.isHeld || (session && !state.isCurrent(session))) return hold;
    await state.lock.acquire(record.handle);
    const pending = state.object ? draftOf(record.data, state.object) : null;
    if (!(await this.#copy.refresh())) {
      await state.lock.release();
      if (state.object !== undefined) throw sessionEnded();
      // No code has seen this session yet, so it is treated as ended before this request came.
      this.#copy.forget();
      state.isMissing = true;
      return hold;
    }
    if (state.object) refill(state.object, parseData(this.#copy.record!.data) ?? {}, pending?.changes);
    else await this.#copy.check();
    return hold;
  }

  async #release(): Promise<void> {
    const { lock, object } = this.state;
    if (!lock.isHeld) return;
    try {
      if (object && this.#copy.record) await this.save(object);
      lock.forgetFence();
    } finally {
      await lock.release();
    }
  }

  async reload(session: object): Promise<void> {
    if (!this.state.isCurrent(session)) return;
    if (this.#copy.record === null) return refill(session, {});
    if (!(await this.#copy.reload())) throw sessionEnded();
    refill(session, this.#copy.values());
  }

  async save(session: object): Promise<void> {
    if (!this.state.isCurrent(session)) return;
    if (this.#copy.record === null) return this.#copy.insert(serializeData(session));
    const draft = this.#copy.draft(session);
    if (draft !== null && (await this.#copy.write(draft)) === 'gone') throw sessionEnded();
  }

  async touch(session: object): Promise<void> {
    if (this.state.isCurrent(session)) this.state.lifetime.isTouched = true;
  }

  // The secret

  async rotate(session: object): Promise<void> {
    if (this.storedOf(session) === null) return;
    if ((await this.#copy.renew(this.state.engine.options.renewGrace)) === 'gone') throw sessionEnded();
  }
}

/** The verbs behind a request's session object. @throws TypeError if it is not one */
export function verbsOf(session: object): SessionVerbs {
  const keeper = keeperOf(session);
  if (!(keeper instanceof SessionVerbs)) throw new TypeError('This is not the session of a request.');
  return keeper;
}

/**
 * What is known behind a request's session object; undefined for the session of another library, which a request may
 * have on an excluded path.
 */
export function stateOf(session: object | undefined): RequestState | undefined {
  const keeper = session && findKeeper(session);
  return keeper instanceof SessionVerbs ? keeper.state : undefined;
}
