import { setImmediate } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { AnonymousUsage } from '../storage/anonymous-sessions.js';
import type { Awaitable } from 'nest-gatehouse/common';
import type { EngineParts } from './engine-parts.js';
import type { EndedSession } from '../storage/session-index.js';
import { endOf } from './end-reason.js';
import { expiryOf } from './new-record.js';

const BATCH = 500;
// Counting is expensive for a database, so it is done once for each such share of the bound that was added.
const SHARE_BETWEEN_CHECKS = 1 / 100;

/**
 * Keeps the storage within `maxAnonymousSessions` and `maxAnonymousBytes`. Each check leaves room for what this process
 * adds until the next one, so one process alone stays within the bounds. Each further process on the same storage may
 * exceed them by a hundredth until its own next check.
 */
export class AnonymousEviction {
  /**
   * What may be added until the next check. With a bound of less than two hundred sessions every session is followed by
   * a check.
   */
  readonly #between: AnonymousUsage;
  /** What a check leaves stored. */
  readonly #kept: AnonymousUsage;
  #isBounded: boolean;
  // What was added before this process started is unknown, so its first session is followed by a check.
  #sessions = Infinity;
  #bytes = 0;
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(private readonly engine: EngineParts) {
    const { maxAnonymousSessions: sessions, maxAnonymousBytes: bytes } = engine.options;
    this.#between = { sessions: between(sessions), bytes: between(bytes) };
    this.#kept = { sessions: kept(sessions), bytes: kept(bytes) };
    this.#isBounded = sessions > 0 || bytes > 0;
    if (!this.#isBounded || engine.storage.anonymous) return;
    this.#isBounded = false;
    new Logger('Gatehouse').warn(
      'maxAnonymousSessions and maxAnonymousBytes do nothing: the session storage has no AnonymousSessions.',
    );
  }

  /**
   * To be awaited before the answer, so that a flood cannot be faster than the eviction. Never fails, because what was
   * added is already stored.
   */
  added({ sessions, bytes }: AnonymousUsage): Awaitable<void> {
    this.#sessions += sessions;
    this.#bytes += bytes;
    if (!this.#isBounded || (this.#sessions < this.#between.sessions && this.#bytes < this.#between.bytes)) return;
    return this.evict().catch((error: unknown) =>
      this.engine.warn('No room could be made for anonymous sessions', error),
    );
  }

  /** Resolves after a check that started after this call. @throws ProblemException 503 `store_unavailable` */
  evict(): Promise<void> {
    if (this.#next === undefined) {
      this.#next = this.#last.then(() => this.#evictAll());
      this.#last = this.#next.catch(() => undefined);
    }
    return this.#next;
  }

  async #evictAll(): Promise<void> {
    this.#next = undefined;
    const { anonymous } = this.engine.storage;
    if (!this.#isBounded || !anonymous) return;
    const [sessions, bytes] = [this.#sessions, this.#bytes];
    this.#sessions = this.#bytes = 0;
    try {
      let batch: readonly EndedSession[];
      do {
        batch = await this.engine.ask('evictOldest', () => anonymous.evictOldest(this.#kept, BATCH));
        for (const ended of batch) this.#emitEnd(ended);
        if (batch.length > 0) await setImmediate();
      } while (batch.length > 0);
    } catch (error) {
      this.#sessions += sessions;
      this.#bytes += bytes;
      throw error;
    }
  }

  #emitEnd(ended: EndedSession): void {
    const { clock, events } = this.engine;
    events.emit('session.ended', endOf(ended, expiryOf(ended, clock.now()) ?? 'evicted'));
  }
}

function between(bound: number): number {
  return bound === 0 ? Infinity : Math.max(1, Math.floor(bound * SHARE_BETWEEN_CHECKS));
}

function kept(bound: number): number {
  return bound === 0 ? Infinity : bound - between(bound) + 1;
}
