import type { IncomingHttpHeaders } from 'node:http';
import { type Awaitable, isPromise, ProblemException, whenReady } from 'nest-gatehouse/common';
import { checkData } from '../data/data-schema.js';
import { sessionEnded, sessionNotJson } from '../session.problems.js';
import { makeSession, type Session } from './session-object.js';
import type { RefusalReason } from '../engine/session.events.js';
import { clearedSessionCookie, DUPLICATE, sessionCookie } from '../token/token-cookie.js';
import { draftOf, NotJsonError, parseData, serializeData, type Draft } from '../data/values.js';
import type { SessionAnswer } from '../platform/session-answer.js';
import type { SessionRecord } from '../storage/session-record.js';
import { activity, isTouchDue } from '../engine/new-record.js';
import { SessionActions } from './session-actions.js';
import { formatToken, matchSecret, parseToken, type SessionToken } from '../token/session-token.js';
import { presentedToken } from '../token/token-transport.js';

/** What Express and Fastify requests have in common. */
export interface PlatformRequest {
  readonly headers: IncomingHttpHeaders;
  readonly ip?: string;
  /** By the platform's word, trusted proxies included. */
  readonly protocol?: string;
  /** Of a socket's handshake, which no platform has looked at. */
  readonly socket?: { readonly remoteAddress?: string };
}

const SILENT: SessionAnswer = Object.freeze({});
const PRIVATE: SessionAnswer = Object.freeze({ noStore: true });

/**
 * The life of a request's session: opened before the guards, decided once before the client can see the answer.
 * Both bindings call `open`, `commit` and `finish`, in this order.
 */
export class RequestSession extends SessionActions {
  /** Whether what the handler did is to be kept: not after an answer of 5xx. */
  #saves = true;

  /** @throws ProblemException 503 `lock_timeout` where `locking` is `'early'` */
  openForRequest(): Awaitable<void> {
    const opened = this.open();
    if (this.engine.options.locking !== 'early') return opened;
    return whenReady(opened, () => this.takeLock());
  }

  /** @throws ProblemException 503 `lock_timeout` where `locking` is `'implicit'` */
  lockForHandler(): Awaitable<void> {
    if (this.engine.options.locking !== 'implicit' || this.record === null || this.over) return undefined;
    return this.takeLock();
  }

  /** For the whole request, on the application's word. @throws ProblemException 503 `lock_timeout`, `store_unavailable` */
  async takeLock(): Promise<void> {
    await this.noting(this.lock(undefined));
  }

  /** Reads the token, opens the session, and never throws: a store that fails is kept for whoever touches the session. */
  open(): Awaitable<void> {
    const presented = presentedToken(this.engine.options, this.request.headers);
    if (presented === undefined) return;
    if (presented === DUPLICATE) return this.#refuse('duplicate', null);
    const token = parseToken(presented);
    if (token === null) return this.#refuse('malformed', null);
    try {
      const read = this.engine.ask('read', () => this.engine.storage.store.read(token.handle));
      const opened = whenReady(read, (record) => this.#adopt(token, record));
      return isPromise(opened) ? opened.catch((error: unknown) => this.#openFailed(error)) : opened;
    } catch (error) {
      this.#openFailed(error);
    }
  }

  #adopt(token: SessionToken, record: SessionRecord | null): Awaitable<void> {
    if (record === null) {
      this.missing = true;
      return this.#refuse('unknown', token.handle);
    }
    this.match = matchSecret(record, token.secret, this.now());
    if (this.match === null) return this.#refuse('wrong_secret', token.handle);
    this.record = record;
    this.secret = token.secret;
    return this.check(record);
  }

  protected override check(record: SessionRecord): Awaitable<void> {
    const { schema } = this.engine.options;
    if (!schema) return undefined;
    return whenReady(checkData(schema, record.schemaVersion, parseData(record.data) ?? {}), (check) => {
      if (check.fits) this.checkedData = check.data;
      else this.#startAfresh(record, check.reason);
    });
  }

  /** Data that does not fit is left where it is: an older release may still read it. */
  #startAfresh(record: SessionRecord, detail: string): void {
    this.forget();
    this.#refuse('data_invalid', record.handle, detail);
  }

  #openFailed(error: unknown): void {
    if (!(error instanceof ProblemException)) throw error;
    if (this.engine.options.onStoreFailure !== 'anonymous') this.failure = error;
  }

  #refuse(reason: RefusalReason, handle: string | null, detail?: string): void {
    const { ip, userAgent } = this.cause;
    this.engine.events.emit('session.refused', { reason, handle, ip, userAgent, detail });
  }

  /** What handlers get; undefined once the session has been destroyed or skipped. @throws 503 where the store failed */
  get session(): Session | undefined {
    if (this.current !== undefined) return this.current;
    if (this.over) return undefined;
    if (this.failure !== null) throw this.noted(this.failure);
    return (this.current = makeSession(this, this.#values()));
  }

  #values(): object {
    if (this.record === null) return {};
    if (this.checkedData !== null) return this.checkedData;
    const values = parseData(this.record.data);
    if (values === null) this.#startAfresh(this.record, 'the stored data is damaged');
    return values ?? {};
  }

  /** The one decision at the end: deleted, rotated, changed, touched, or nothing. Never throws: nobody stands there to catch it. */
  commit(status: number): Awaitable<SessionAnswer> {
    if (this.destroyed) return this.#farewell();
    if (this.ending) return this.#end();
    if (this.over || (this.record === null && this.current === undefined)) return SILENT;
    this.#saves = status < 500 || this.engine.options.saveOnError;
    try {
      return this.record === null ? this.#first() : this.#next(this.record);
    } catch (error) {
      return this.#failed(error, true);
    }
  }

  /** A session that is not stored yet is stored when something is kept in it. */
  #first(): Awaitable<SessionAnswer> {
    const text = this.#saves ? serializeData(this.current!) : '{}';
    if (text === '{}') return SILENT;
    return this.insert(text).then(
      () => this.#answer(),
      (error: unknown) => this.#failed(error, true),
    );
  }

  #next(record: SessionRecord): Awaitable<SessionAnswer> {
    if (!this.#saves) {
      this.maxAge = undefined;
      return this.#answer();
    }
    const now = this.now();
    const draft = this.#draft(record);
    const touches = this.touched || isTouchDue(record, now, this.engine.options.touchInterval);
    const renews = this.match === 'current' && now - record.secretIssuedAt >= this.engine.options.renewAfter;
    if (draft === null && !touches && !renews) return this.#answer();
    try {
      const answer = this.#store(record, draft, touches, renews);
      return isPromise(answer) ? answer.catch((error: unknown) => this.#failed(error, draft !== null)) : answer;
    } catch (error) {
      return this.#failed(error, draft !== null);
    }
  }

  #draft(record: SessionRecord): Draft | null {
    return this.current === undefined ? null : draftOf(record.data, this.current);
  }

  #store(record: SessionRecord, draft: Draft | null, touches: boolean, renews: boolean): Awaitable<SessionAnswer> {
    if (draft === null && !touches) return this.#renewed();
    const fields = touches
      ? this.activityFields(activity(record, this.now(), this.idleTimeout ?? record.idleTimeout))
      : undefined;
    return whenReady(this.write(record, draft, fields), (saved) => {
      if (saved === 'gone') return draft === null ? SILENT : { problem: sessionEnded() };
      return renews ? this.#renewed() : this.#answer();
    });
  }

  async #renewed(): Promise<SessionAnswer> {
    return (await this.renew(this.engine.options.renewGrace)) === 'gone' ? SILENT : this.#answer();
  }

  async #end(): Promise<SessionAnswer> {
    try {
      if (this.record !== null) await this.writer.end(this.record.handle, this.record.userId, 'logout', this.cause);
      return this.#farewell();
    } catch (error) {
      return this.#failed(error, true);
    }
  }

  #farewell(): SessionAnswer {
    if (this.usesHeader) return { token: '', noStore: true };
    return { setCookie: clearedSessionCookie(this.cookieOptions, this.isHttps), noStore: true };
  }

  #failed(error: unknown, changed: boolean): SessionAnswer {
    if (error instanceof NotJsonError) return { problem: this.noted(sessionNotJson(error.key)) };
    if (!(error instanceof ProblemException))
      return { problem: this.engine.unexpected('A session could not be saved', error) };
    const mayPass = this.engine.options.onStoreFailure === 'read-only' && !changed;
    return mayPass ? PRIVATE : { problem: this.noted(error) };
  }

  /** A persistent cookie moves with every answer, unless the request came with the former secret: the new one is on its way. */
  #answer(): SessionAnswer {
    const record = this.record!;
    const moves = record.persistent || this.maxAge !== undefined;
    const delivers = this.issued || (moves && this.match === 'current');
    if (!delivers) return PRIVATE;
    const token = formatToken({ handle: record.handle, secret: this.secret! });
    if (this.usesHeader) return this.issued ? { token, noStore: true } : PRIVATE;
    return {
      setCookie: sessionCookie(this.cookieOptions, this.isHttps, token, this.cookieExpires(), this.now()),
      noStore: true,
    };
  }

  /** After the last byte is known: saves what a streamed answer still changed, and lets go of the lock. Never rejects: it is too late for that. */
  async finish(streamed: boolean): Promise<void> {
    try {
      if (streamed && this.#saves && !this.over) await this.#saveLate();
    } catch (error) {
      this.engine.warn('A streamed answer changed its session after it had begun, and that could not be saved', error);
    }
    await this.letGo();
  }

  async #saveLate(): Promise<void> {
    if (this.record === null) {
      if (this.current && serializeData(this.current) !== '{}')
        throw new Error('its cookie could not be sent any more');
      return;
    }
    const draft = this.#draft(this.record);
    if (draft !== null && (await this.write(this.record, draft)) === 'gone') throw sessionEnded();
  }
}
