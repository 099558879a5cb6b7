import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  type Awaitable,
  Clock,
  type ProblemException,
  Randomness,
  StoreCalls,
  StoreMonitor,
} from 'nest-gatehouse/common';
import { SessionDoctor } from '../doctor/session-doctor.js';
import type { ResolvedSessionOptions } from '../session.options.js';
import { internalError } from '../session.problems.js';
import { SESSION_OPTIONS } from '../session.tokens.js';
import { AnonymousWrites } from './anonymous-writes.js';
import type { EngineParts } from './engine-parts.js';
import { SessionEvents } from './session.events.js';
import type { SessionLease } from '../storage/session-locks.js';
import { SessionStorage } from './session-storage.js';
import { SessionWriter } from './session-writer.js';

/** What all requests share. All calls to the stores pass here: they are bounded in time, and fail as 503. */
@Injectable()
export class SessionEngine implements EngineParts {
  readonly writer: SessionWriter;
  readonly anonymous: AnonymousWrites;
  /** Whether session objects have `get` and `set`: on Fastify. */
  hasAccessors = false;
  readonly #calls: StoreCalls;
  readonly #logger = new Logger('Gatehouse');

  constructor(
    @Inject(SESSION_OPTIONS) readonly options: ResolvedSessionOptions,
    readonly storage: SessionStorage,
    readonly clock: Clock,
    readonly randomness: Randomness,
    readonly events: SessionEvents,
    monitor: StoreMonitor,
    readonly doctor: SessionDoctor,
  ) {
    const emitFailure = (operation: string, error: Error) => events.emit('session.store_failed', { operation, error });
    this.#calls = new StoreCalls(options.storeDeadline, emitFailure, 'The session store', monitor);
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

  /**
   * Waits for a lock, at most `wait` milliseconds. Null if another still holds it then. @throws ProblemException 503
   * `store_unavailable`
   */
  async lock(key: string, wait: number): Promise<SessionLease | null> {
    const { lockLease: lease, storeDeadline } = this.options;
    const onWait = () => this.events.emit('session.lock_waited', { key });
    return this.ask('lock', () => this.storage.locks.acquire(key, { wait, lease, onWait }), wait + storeDeadline);
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
