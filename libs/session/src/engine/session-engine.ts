import { Inject, Injectable, Logger } from '@nestjs/common';
import { AnonymousWrites } from './anonymous-writes.js';
import { type Awaitable, Clock, isPromise, type ProblemException, Randomness } from 'nest-gatehouse/common';
import { internalError, storeUnavailable } from '../session.problems.js';
import { SessionEvents } from './session.events.js';
import type { ResolvedSessionOptions } from '../session.options.js';
import { SESSION_OPTIONS } from '../session.tokens.js';
import { BadCursorError } from '../storage/session-index.js';
import { SessionStorage } from './session-storage.js';
import { SessionWriter } from './session-writer.js';

/** What all requests share, and the one way to the stores: bounded in time, failing as 503. */
@Injectable()
export class SessionEngine {
  readonly writer = new SessionWriter(this);
  readonly anonymous: AnonymousWrites;
  readonly #logger = new Logger('Gatehouse');

  constructor(
    @Inject(SESSION_OPTIONS) readonly options: ResolvedSessionOptions,
    readonly storage: SessionStorage,
    readonly clock: Clock,
    readonly randomness: Randomness,
    readonly events: SessionEvents,
  ) {
    this.anonymous = new AnonymousWrites(this);
  }

  /**
   * Runs one operation of a store within `storeDeadline`. An operation that answers at once costs no promise and no timer.
   * @throws ProblemException 503 `store_unavailable`, told as `session.store_failed`; BadCursorError, which is the caller's fault
   */
  ask<T>(operation: string, run: () => Awaitable<T>, milliseconds = this.options.storeDeadline): Awaitable<T> {
    let answer: Awaitable<T>;
    try {
      answer = run();
    } catch (error) {
      throw this.#failed(operation, error);
    }
    return isPromise(answer) ? this.#bounded(operation, answer, milliseconds) : answer;
  }

  async #bounded<T>(operation: string, answer: Promise<T>, milliseconds: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
    });
    try {
      return await Promise.race([answer, deadline]);
    } catch (error) {
      throw this.#failed(operation, error);
    } finally {
      clearTimeout(timer);
    }
  }

  warn(what: string, error: unknown): void {
    this.#logger.warn(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** For an error that is nobody's refusal: logged, and answered without a word of it (OWASP ASVS 5.0, 16.5.1). */
  unexpected(what: string, error: unknown): ProblemException {
    this.#logger.error(what, error instanceof Error ? error.stack : String(error));
    return internalError(error);
  }

  #failed(operation: string, error: unknown): Error {
    if (error instanceof BadCursorError) return error;
    const cause = error instanceof Error ? error : new Error(String(error));
    this.events.emit('session.store_failed', { operation, error: cause });
    return storeUnavailable(cause);
  }
}
