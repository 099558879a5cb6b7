import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Awaitable, Clock, type ProblemException, Randomness, StoreCalls } from 'nest-gatehouse/common';
import type { ResolvedSessionOptions } from '../session.options.js';
import { internalError } from '../session.problems.js';
import { SESSION_OPTIONS } from '../session.tokens.js';
import { AnonymousWrites } from './anonymous-writes.js';
import type { EngineParts } from './engine-parts.js';
import { SessionEvents } from './session.events.js';
import { SessionStorage } from './session-storage.js';
import { SessionWriter } from './session-writer.js';

/** What all requests share. All calls to the stores pass here: they are bounded in time, and fail as 503. */
@Injectable()
export class SessionEngine implements EngineParts {
  readonly writer: SessionWriter;
  readonly anonymous: AnonymousWrites;
  readonly #calls: StoreCalls;
  readonly #logger = new Logger('Gatehouse');

  constructor(
    @Inject(SESSION_OPTIONS) readonly options: ResolvedSessionOptions,
    readonly storage: SessionStorage,
    readonly clock: Clock,
    readonly randomness: Randomness,
    readonly events: SessionEvents,
  ) {
    const emitFailure = (operation: string, error: Error) => events.emit('session.store_failed', { operation, error });
    this.#calls = new StoreCalls(options.storeDeadline, emitFailure, 'The session store');
    this.anonymous = new AnonymousWrites(this);
    this.writer = new SessionWriter(this, this.anonymous);
  }

  /**
   * Runs one operation of a store within `storeDeadline`; see `StoreCalls`. @throws ProblemException 503
   * `store_unavailable`, BadCursorError
   */
  ask<T>(operation: string, run: () => Awaitable<T>, milliseconds?: number): Awaitable<T> {
    return this.#calls.ask(operation, run, milliseconds);
  }

  warn(what: string, error: unknown): void {
    this.#logger.warn(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** For an unexpected error: it is logged, and the answer says nothing about it (OWASP ASVS 5.0, 16.5.1). */
  unexpected(what: string, error: unknown): ProblemException {
    this.#logger.error(what, error instanceof Error ? error.stack : String(error));
    return internalError(error);
  }
}
