import { type Awaitable, ProblemException } from 'nest-gatehouse/common';
import { checkClock } from '../doctor/clock-check.js';
import { reportInsecure } from '../doctor/connection-check.js';
import { NotJsonError, TooDeepError } from '../data/json-check.js';
import type { SessionEngine } from '../engine/session-engine.js';
import { sessionNotJson, sessionTooDeep } from '../session.problems.js';
import type { SessionRecord } from '../storage/session-record.js';
import type { Session } from '../session.types.js';
import { matchSecret } from '../token/session-token.js';
import { RequestExamination } from './request-examination.js';
import type { SecretTrail } from './secret-trail.js';
import { clearedSessionCookie, sessionCookie } from '../token/token-cookie.js';
import { Lifetime } from './lifetime.js';
import { RequestLock, type Closing } from './request-lock.js';
import { Visitor, type PlatformRequest } from './visitor.js';
import { WorkingCopy } from './working-copy.js';

/**
 * `live`: the request has a session, stored or not; `ending`: the answer ends it; `ended`: this request has ended it;
 * `skipped`: the route wants none.
 */
export type Phase = 'live' | 'ending' | 'ended' | 'skipped';

/** What is known of a request's session between its opening and its end. */
export class RequestState {
  phase: Phase = 'live';
  /** The session object on the request, made when it is first read. */
  object: Session | undefined = undefined;
  /** On a socket: the secrets that have opened the session on it before. */
  trail: SecretTrail | undefined = undefined;
  /** Why the session could not be read. */
  failure: ProblemException | null = null;
  /** The same where the request goes on without a session, so that `failure` is not kept. */
  unread: ProblemException | null = null;
  /** The request came with a well-formed token that named no live session. */
  isMissing = false;
  /** The request came with tokens that were not looked up; its client will go on sending them. */
  isAmbiguous = false;
  /** Several live sessions that this request's tokens open, so that none of them is the request's session. */
  rivals: readonly SessionRecord[] = [];
  /** Seconds for `Retry-After`, once one of our refusals has set it. */
  retryAfter: number | undefined = undefined;
  /** What is done before the answer leaves, once its status is known. */
  beforeAnswer: ((status: number) => Awaitable<void>) | undefined = undefined;
  readonly visitor: Visitor;
  readonly lifetime: Lifetime;
  readonly lock: RequestLock;
  readonly copy: WorkingCopy;
  /** Null where requests are not examined. */
  readonly examination: RequestExamination | null;

  constructor(
    readonly engine: SessionEngine,
    request: PlatformRequest,
    response: Closing | undefined,
  ) {
    this.visitor = new Visitor(request, engine.options, response === undefined);
    this.lifetime = new Lifetime(engine);
    this.lock = new RequestLock(engine, response);
    this.copy = new WorkingCopy(engine, this.visitor, this.lifetime, this.lock);
    this.examination = engine.doctor.examinesRequests ? new RequestExamination(engine.doctor, this) : null;
  }

  /** `Set-Cookie` with this token. @param expires milliseconds since the epoch; null for a browser-session cookie */
  cookieLine(token: string, expires: number | null): string {
    const { options, clock } = this.engine;
    return sessionCookie(options.cookie, this.#setsCookieOverHttps(), token, expires, clock.now());
  }

  /** `Set-Cookie` that makes the browser drop it. */
  clearedCookieLine(): string {
    return clearedSessionCookie(this.engine.options.cookie, this.#setsCookieOverHttps());
  }

  #setsCookieOverHttps(): boolean {
    const { engine, visitor } = this;
    const { isHttps } = visitor;
    const { cookie } = engine.options;
    if (!isHttps && cookie.secure === true) reportInsecure(engine.doctor, cookie.name, visitor.request);
    return isHttps;
  }

  /** Which secret of the stored session has opened it; null if none has. */
  match(record: SessionRecord, secret: string): 'current' | 'former' | null {
    const now = this.engine.clock.now();
    checkClock(this.engine.doctor, record.lastSeenAt, now);
    const match = matchSecret(record, secret, now);
    return this.trail ? this.trail.follow(record, match) : match;
  }

  get isLive(): boolean {
    return this.phase === 'live';
  }

  /** The request has no session any more. */
  leave(phase: Exclude<Phase, 'live'>): void {
    this.phase = phase;
    this.failure = null;
    this.object = undefined;
  }

  isCurrent(session: object): boolean {
    return this.object === session && this.isLive;
  }

  /** The same promise. It rejects with a refusal where it can, whose `Retry-After` is remembered for the answer. */
  noting<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw this.noted(refusalOf(error));
    });
  }

  /** Remembers the `Retry-After` of a refusal. @returns the error */
  noted<E>(error: E): E {
    if (error instanceof ProblemException) this.retryAfter = error.retryAfter ?? this.retryAfter;
    return error;
  }
}

/** The refusal of values that cannot be stored; every other error as it is. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof NotJsonError) return sessionNotJson(error);
  return error instanceof TooDeepError ? sessionTooDeep(error.key) : error;
}
