import { type Awaitable, isExcluded, isPromise, ProblemException, whenReady } from 'nest-gatehouse/common';
import { serializeData, type Draft } from '../data/values.js';
import { isCountDue, isTouchDue } from '../engine/new-record.js';
import type { SessionEngine } from '../engine/session-engine.js';
import { sessionEnded } from '../session.problems.js';
import type { Session } from '../session.types.js';
import type { SessionRecord } from '../storage/session-record.js';
import { formatToken } from '../token/session-token.js';
import { FAREWELL, NOTHING, RENEWED, type Decision } from './decision.js';
import { openSession } from './opening.js';
import type { Closing } from './request-lock.js';
import { refusalOf, RequestState } from './request-state.js';
import type { SessionAnswer } from './session-answer.js';
import { SessionVerbs } from './session-verbs.js';
import type { PlatformRequest } from './visitor.js';

const SILENT: SessionAnswer = Object.freeze({});
const PRIVATE: SessionAnswer = Object.freeze({ noStore: true });

/**
 * The life of a request's session: it is opened before the guards run, and what to store is decided once, before the
 * client can see the answer. Both bindings call `openForRequest`, `commit` and `finish`, in this order.
 */
export class RequestSession {
  readonly state: RequestState;
  readonly verbs: SessionVerbs;
  /** Whether the whole answer was given at once, so that no handler changes the session while it is sent. */
  isAnsweredAtOnce = false;
  /** As it came: routers change it. */
  readonly #url: string;
  /** The lock that is being taken for the whole request. */
  #taking: Promise<void> | undefined;
  /** Whether the handler's changes are saved: not after a 5xx answer, unless `saveOnError`. */
  #saves = true;

  constructor(
    readonly engine: SessionEngine,
    request: PlatformRequest,
    response?: Closing,
  ) {
    this.#url = request.url ?? '';
    this.state = new RequestState(engine, request, response);
    this.verbs = new SessionVerbs(this.state);
  }

  get record(): SessionRecord | null {
    return this.state.copy.record;
  }

  /** Whether the session can still change while the rest of the answer is sent. */
  get isInUse(): boolean {
    const { isLive, object, copy } = this.state;
    return isLive && (copy.record !== null || object !== undefined);
  }

  get holdsLock(): boolean {
    return this.state.lock.isHeld;
  }

  // The beginning

  /** @throws ProblemException 503 `lock_timeout` where `locking` is `'early'` */
  openForRequest(): Awaitable<void> {
    const opened = this.open();
    if (this.engine.options.locking !== 'early' || this.#takesNoLock) return opened;
    return whenReady(opened, () => this.takeLock());
  }

  /** Reads the token and opens the session. Never throws: an error of the store is thrown when the session is used. */
  open(): Awaitable<void> {
    return openSession(this.state);
  }

  /** @throws ProblemException 503 `lock_timeout` where `locking` is `'implicit'` */
  lockForHandler(): Awaitable<void> {
    if (this.engine.options.locking !== 'implicit' || this.record === null || !this.state.isLive) return undefined;
    return this.#takesNoLock ? undefined : this.takeLock();
  }

  /** Whether `locking` takes the lock of every request. */
  get locksByItself(): boolean {
    const { locking } = this.engine.options;
    return (locking === 'implicit' || locking === 'early') && !this.#takesNoLock;
  }

  get #takesNoLock(): boolean {
    return isExcluded(this.engine.options.lockExcept, this.#url);
  }

  /**
   * Takes the lock for the whole request. Whoever asks meanwhile, such as another field of a GraphQL operation, waits for
   * the same lock. @throws ProblemException 503 `lock_timeout`, `store_unavailable`
   */
  takeLock(): Promise<void> {
    return (this.#taking ??= this.#takeLock());
  }

  async #takeLock(): Promise<void> {
    try {
      await this.state.noting(this.verbs.lock(undefined));
    } finally {
      this.#taking = undefined;
    }
  }

  // In use

  /** What handlers get; undefined once the session was ended or skipped. @throws 503 if the store failed */
  get session(): Session | undefined {
    const { state } = this;
    if (state.object !== undefined) return state.object;
    if (!state.isLive) return undefined;
    if (state.failure !== null) throw state.noted(state.failure);
    return this.verbs.begin(state.copy.values());
  }

  /** `req.session = null`: the session ends when the answer is sent. */
  endWithAnswer(): void {
    if (this.state.isLive) this.state.leave('ending');
  }

  // The decision

  /** Decides once, and carries it out. Never throws, because no caller could handle it. @param status of the answer */
  commit(status: number): Awaitable<SessionAnswer> {
    this.#saves = status < 500 || this.engine.options.saveOnError;
    this.state.examination?.decided();
    let changes = true;
    try {
      const decision = this.#decide();
      changes = decision.word === 'farewell' || decision.word === 'first' || decision.word === 'changed';
      const answer = this.#carryOut(decision);
      return isPromise(answer) ? answer.catch((error: unknown) => this.#failed(error, changes)) : answer;
    } catch (error) {
      return this.#failed(error, changes);
    }
  }

  /** @throws NotJsonError, TooDeepError */
  #decide(): Decision {
    const { phase, object, copy, lifetime, visitor } = this.state;
    if (phase === 'ending' || phase === 'ended') return FAREWELL;
    if (phase === 'skipped') return NOTHING;
    const { record } = copy;
    if (record === null) {
      const text = object && this.#saves ? serializeData(object) : '{}';
      return text === '{}' ? NOTHING : { word: 'first', text };
    }
    if (!this.#saves) {
      lifetime.reset();
      return NOTHING;
    }
    const { touchInterval, renewAfter } = this.engine.options;
    const now = this.engine.clock.now();
    const draft = object === undefined ? null : copy.draft(object);
    const isDue = isTouchDue(record, now, touchInterval) || isCountDue(record, now);
    const touches = lifetime.isTouched || (isDue && !visitor.isPassive);
    const renews = !visitor.isMute && copy.match === 'current' && now - record.secretIssuedAt >= renewAfter;
    if (draft !== null) return { word: 'changed', draft, touches, renews };
    if (touches) return { word: 'touched', renews };
    return renews ? RENEWED : NOTHING;
  }

  #carryOut(decision: Decision): Awaitable<SessionAnswer> {
    switch (decision.word) {
      case 'farewell':
        return this.state.phase === 'ended' ? this.#farewell() : this.verbs.end().then(() => this.#farewell());
      case 'first':
        return this.state.copy.insert(decision.text).then(() => this.#answer());
      case 'changed':
        return this.#write(decision.draft, decision.touches, decision.renews);
      case 'touched':
        return this.#write(null, true, decision.renews);
      case 'renewed':
        return this.#renew();
      case 'nothing':
        return this.isInUse && this.record !== null ? this.#answer() : SILENT;
    }
  }

  #write(draft: Draft | null, touches: boolean, renews: boolean): Awaitable<SessionAnswer> {
    const { copy, lifetime, visitor } = this.state;
    const fields = touches ? lifetime.activity(copy.record!, !visitor.isPassive) : undefined;
    return whenReady(copy.write(draft, fields), (saved) => {
      if (saved === 'gone') return draft === null ? SILENT : { problem: sessionEnded() };
      return renews ? this.#renew() : this.#answer();
    });
  }

  async #renew(): Promise<SessionAnswer> {
    return (await this.state.copy.renew(this.engine.options.renewGrace)) === 'gone' ? SILENT : this.#answer();
  }

  // The answer

  #farewell(): SessionAnswer {
    const { visitor } = this.state;
    if (visitor.usesHeader || visitor.isMute) return { token: '', noStore: true };
    return { setCookie: this.state.clearedCookieLine(), noStore: true };
  }

  /** A persistent cookie goes with every answer, except to a former secret: another answer has the new one. */
  #answer(): SessionAnswer {
    const { copy, lifetime, visitor } = this.state;
    const record = copy.record!;
    const moves = !visitor.isMute && (record.persistent || lifetime.isSet);
    if (!copy.isSecretNew && !(moves && copy.match === 'current')) return PRIVATE;
    const token = formatToken({ handle: record.handle, secret: copy.secret! });
    if (visitor.usesHeader) return copy.isSecretNew ? { token, noStore: true } : PRIVATE;
    return { setCookie: this.state.cookieLine(token, lifetime.cookieExpires(record)), noStore: true };
  }

  #failed(error: unknown, changes: boolean): SessionAnswer {
    const problem = refusalOf(error);
    if (!(problem instanceof ProblemException))
      return { problem: this.engine.unexpected('A session could not be saved', error) };
    const mayPass = problem === error && this.engine.options.onStoreFailure === 'read-only' && !changes;
    return mayPass ? PRIVATE : { problem: this.state.noted(problem) };
  }

  // Afterwards

  /** At the last byte: saves what a streamed answer still changed, then releases the lock. Failures are logged. */
  async finish(streamed: boolean): Promise<void> {
    const { state } = this;
    try {
      if (streamed) await this.#saveLate();
    } catch (error) {
      this.engine.warn('A streamed answer changed its session after it had begun, and that could not be saved', error);
    }
    await state.lock.letGo();
  }

  async #saveLate(): Promise<void> {
    const { object, copy, isLive, examination } = this.state;
    if (object === undefined || !this.#saves || !isLive) return;
    if (copy.record === null) {
      if (serializeData(object) !== '{}') throw new Error('its cookie could not be sent any more');
      return;
    }
    const draft = copy.draft(object);
    if (draft !== null && (await copy.write(draft)) === 'gone') throw sessionEnded();
    examination?.decided();
  }
}
