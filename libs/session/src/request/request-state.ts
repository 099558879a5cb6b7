import { ProblemException } from 'nest-gatehouse/common';
import type { SessionEngine } from '../engine/session-engine.js';
import type { Session } from '../session.types.js';
import { Lifetime } from './lifetime.js';
import { RequestLock, type Closing } from './request-lock.js';
import { Visitor, type PlatformRequest } from './visitor.js';
import { WorkingCopy } from './working-copy.js';

/**
 * `ending`: the answer ends the session; `ended`: this request has ended it; `skipped`: the route wants none. The request has a session while it is `live`,
 * stored or not.
 */
export type Phase = 'live' | 'ending' | 'ended' | 'skipped';

/** What is known of a request's session between its opening and its end. */
export class RequestState {
  phase: Phase = 'live';
  /** The session object on the request, made when somebody first looks. */
  object: Session | undefined = undefined;
  /** Why the session could not be read. */
  failure: ProblemException | null = null;
  /** The request came with a well-formed token that named no live session. */
  isMissing = false;
  /** Seconds for `Retry-After`, once a refusal of ours asked for it. */
  retryAfter: number | undefined = undefined;
  readonly visitor: Visitor;
  readonly lifetime: Lifetime;
  readonly lock: RequestLock;
  readonly copy: WorkingCopy;

  constructor(
    readonly engine: SessionEngine,
    request: PlatformRequest,
    response: Closing | undefined,
  ) {
    this.visitor = new Visitor(request, engine.options);
    this.lifetime = new Lifetime(engine);
    this.lock = new RequestLock(engine, response);
    this.copy = new WorkingCopy(engine, this.visitor, this.lifetime, this.lock);
  }

  get isOver(): boolean {
    return this.phase !== 'live';
  }

  /** The request has no session any more. */
  leave(phase: Exclude<Phase, 'live'>): void {
    this.phase = phase;
    this.failure = null;
    this.object = undefined;
  }

  isCurrent(session: object): boolean {
    return this.object === session && !this.isOver;
  }

  /** The same work. A refusal that its caller passes on will say when to come again. */
  noting<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      throw this.noted(error);
    });
  }

  /** Remembers when a refused client may come again. @returns the error */
  noted<E>(error: E): E {
    if (error instanceof ProblemException) this.retryAfter = error.retryAfter ?? this.retryAfter;
    return error;
  }
}
