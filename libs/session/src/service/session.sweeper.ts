import { setImmediate } from 'node:timers/promises';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { sweptReason } from '../engine/end-reason.js';
import { SessionEngine } from '../engine/session-engine.js';
import type { EndedSession } from '../storage/session-index.js';

// Ten thousand rows at once would hold the event loop for some 185 ms.
const BATCH = 200;

/** Removes sessions that are over and tells of each. Clean-up only: whether a session lives is decided at every read. */
@Injectable()
export class SessionSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<number> | undefined;

  constructor(private readonly engine: SessionEngine) {}

  onApplicationBootstrap(): void {
    const { options, storage } = this.engine;
    if (!storage.index && !storage.anonymous) return;
    // setInterval takes at most 2^31 - 1 ms.
    const interval = Math.min(options.sweepInterval, 2 ** 31 - 1);
    this.#timer = setInterval(() => void this.sweep().catch(() => undefined), interval).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping?.catch(() => undefined);
  }

  /** One sweep at a time. @returns how many were removed. @throws ProblemException 503 `store_unavailable` */
  sweep(): Promise<number> {
    this.#sweeping ??= this.#sweepAll().finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  async #sweepAll(): Promise<number> {
    const { index } = this.engine.storage;
    let removed = 0;
    let batch: readonly EndedSession[];
    do {
      batch = index ? await this.engine.ask('sweep', () => index.sweep(BATCH)) : [];
      for (const ended of batch) this.#tell(ended);
      removed += batch.length;
      await setImmediate();
    } while (batch.length > 0);
    // Other processes add as well, and a bound may have been lowered since the last start.
    await this.engine.anonymous.eviction.evict();
    return removed;
  }

  #tell(ended: EndedSession): void {
    const { handle, userId } = ended;
    this.engine.events.emit('session.ended', { handle, userId, reason: sweptReason(ended, this.engine.clock.now()) });
  }
}
