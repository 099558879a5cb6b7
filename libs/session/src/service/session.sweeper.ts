import { Injectable } from '@nestjs/common';
import { BackgroundSweep, inBatches } from 'nest-gatehouse/common';
import { endOf, sweptReason } from '../engine/end-reason.js';
import { SessionEngine } from '../engine/session-engine.js';
import type { EndedSession, SessionIndex } from '../storage/session-index.js';

// Ten thousand rows at once would hold the event loop for some 185 ms.
const BATCH = 200;

/**
 * Removes sessions that have expired or been revoked, and emits the end of each. It only cleans up: every read decides
 * by itself whether a session lives.
 */
@Injectable()
export class SessionSweeper extends BackgroundSweep {
  constructor(private readonly engine: SessionEngine) {
    super();
  }

  protected override get interval(): number | null {
    const { options, storage } = this.engine;
    return storage.index || storage.anonymous ? options.sweepInterval : null;
  }

  protected override async work(): Promise<number> {
    const { index } = this.engine.storage;
    const removed = index ? await inBatches(() => this.#remove(index)) : 0;
    // Other processes add as well, and a bound may have been lowered since the last start.
    await this.engine.anonymous.eviction.evict();
    return removed;
  }

  async #remove(index: SessionIndex): Promise<number> {
    const batch = await this.engine.ask('sweep', () => index.sweep(BATCH));
    for (const ended of batch) this.#emitEnd(ended);
    return batch.length;
  }

  #emitEnd(ended: EndedSession): void {
    const { clock, events } = this.engine;
    events.emit('session.ended', endOf(ended, sweptReason(ended, clock.now())));
  }
}
