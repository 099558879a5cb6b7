import { type Awaitable, clientAddress, clientOf, platformView, ProblemException } from 'nest-gatehouse/common';
import type { ResolvedCookieOptions } from '../cookie.options.js';
import type { SessionCause } from '../engine/session.events.js';
import type { PlatformRequest } from './request-session.js';
import type { Session } from './session-object.js';
import { SessionCookie } from './cookie-view.js';
import type { SessionEngine } from '../engine/session-engine.js';
import type { SessionLease } from '../storage/session-locks.js';
import type { SessionFields, SessionRecord } from '../storage/session-record.js';
import type { SessionWriter } from '../engine/session-writer.js';
import { matchSecret, newHandle } from '../token/session-token.js';

/** What is known of a request's session between its opening and its end. */
export abstract class SessionState {
  /** As last read or written by this request; null while nothing is stored. `data` is what the values started from. */
  record: SessionRecord | null = null;
  /** Whether `record.data` is all that the store had at `record.version`; not so once another request's changes were merged. */
  protected exact = true;
  /** The object on the request, made at first sight. */
  protected current: Session | undefined = undefined;
  /** The secret that opened the session, or the new one. */
  protected secret: string | null = null;
  /** Whether `secret` is new and must be delivered. */
  protected issued = false;
  protected match: 'current' | 'former' | null = null;
  protected checkedData: object | null = null;
  protected touched = false;
  protected destroyed = false;
  /** `req.session = null`: the answer ends it. */
  protected ending = false;
  /** No session any more for this request: destroyed, or the route wants none. */
  protected over = false;
  protected lease: SessionLease | null = null;
  protected failure: ProblemException | null = null;
  /** What `cookie.maxAge` was set to: undefined, never. */
  protected maxAge: number | null | undefined = undefined;
  /** The request came with a well-formed token that named no live session. */
  missing = false;
  /** Seconds for `Retry-After`, once a refusal of ours asked for it. */
  retryAfter: number | undefined = undefined;
  /** Whether all of the answer was given at once, so that no handler still changes the session while it is sent. */
  isAnsweredAtOnce = false;

  #handle: string | undefined = undefined;
  #cookie: SessionCookie | undefined = undefined;

  constructor(
    readonly engine: SessionEngine,
    /** The platform's own, from its hooks on; middleware on Fastify runs before them. */
    public request: PlatformRequest,
    /** What tells that the connection is done with the answer, sent or not; none for a socket's handshake. */
    protected readonly response?: { once(event: 'close', listener: () => void): unknown },
  ) {}

  now(): number {
    return this.engine.clock.now();
  }

  get cookieOptions(): ResolvedCookieOptions {
    return this.engine.options.cookie;
  }

  /** This request, as the cause of what it does to its session. */
  protected get cause(): Required<SessionCause> {
    const { ip, socket, headers } = this.request;
    return {
      // Only a bare handshake is asked for its peer: behind a proxy that would be the proxy's address.
      ip: ip === undefined && socket ? clientAddress(socket.remoteAddress) : clientOf(this.request).ip,
      userAgent: headers['user-agent'] ?? null,
      actorId: this.record?.userId ?? null,
    };
  }

  get isHttps(): boolean {
    return platformView(this.request).protocol === 'https';
  }

  /** Whether the token goes by header: the only transport, or the one this client used. */
  protected get usesHeader(): boolean {
    const { transport, header } = this.engine.options;
    return transport === 'header' || (transport === 'both' && this.request.headers[header] !== undefined);
  }

  protected get writer(): SessionWriter {
    return this.engine.writer;
  }

  /** Whether the rest of an answer may still change the session, or waits for its lock. */
  get isInUse(): boolean {
    return !this.over && (this.record !== null || this.current !== undefined);
  }

  get holdsLock(): boolean {
    return this.lease !== null;
  }

  isCurrent(session: object): boolean {
    return this.current === session && !this.over;
  }

  handleOf(session: object): string {
    if (this.record !== null && this.isCurrent(session)) return this.record.handle;
    return (this.#handle ??= newHandle(this.engine.randomness));
  }

  protected takeHandle(): string | undefined {
    const handle = this.#handle;
    this.#handle = undefined;
    return handle;
  }

  cookieOf(_session: object): SessionCookie {
    return (this.#cookie ??= new SessionCookie(this));
  }

  /** The same work. A refusal that its caller passes on will say when to come again. */
  noting<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw this.noted(error);
    });
  }

  /** Remembers when a refused client may come again. @returns the error */
  protected noted<E>(error: E): E {
    if (error instanceof ProblemException) this.retryAfter = error.retryAfter ?? this.retryAfter;
    return error;
  }

  /** Puts the record's data through the schema, if there is one: fills `checkedData`, or forgets a session whose data does not fit. */
  protected abstract check(record: SessionRecord): Awaitable<void>;

  /** For a record that was read again: another request may have renewed since, and what this one came by is the former secret then. */
  protected rematch(record: SessionRecord): void {
    const isCurrent = this.secret !== null && matchSecret(record, this.secret, this.now()) === 'current';
    this.match = isCurrent ? 'current' : 'former';
  }

  /** From here on the request is one without a session. */
  protected forget(): void {
    this.record = null;
    this.secret = null;
    this.match = null;
    this.issued = false;
    this.checkedData = null;
  }

  setPersistence(maxAge: number | null): void {
    this.maxAge = maxAge;
    this.touched = true;
  }

  /** This session's idle time where its cookie is persistent, else null. */
  persistence(): number | null {
    if (this.maxAge !== undefined) return this.maxAge;
    const persistent = this.record?.persistent ?? this.cookieOptions.persistent;
    return persistent ? (this.record?.idleTimeout ?? this.engine.options.idleTimeout) : null;
  }

  cookieExpires(): number | null {
    const idleTimeout = this.persistence();
    if (idleTimeout === null) return null;
    const absolute = this.record?.absoluteExpiresAt ?? this.now() + this.engine.options.absoluteTimeout;
    return Math.min(this.now() + idleTimeout, absolute);
  }

  /** The idle time that this request has asked for, undefined where it has not. */
  protected get idleTimeout(): number | undefined {
    return this.maxAge === null ? this.engine.options.idleTimeout : this.maxAge;
  }

  /** An activity's fields, with what `cookie.maxAge` was set to. */
  protected activityFields(fields: SessionFields): SessionFields {
    return this.maxAge === undefined ? fields : { ...fields, persistent: this.maxAge !== null };
  }
}
