import { Injectable } from '@nestjs/common';
import { BackgroundSweep, Clock, inBatches } from 'nest-gatehouse/common';
import { SessmanStorage } from '../storage/sessman-storage.js';

const INTERVAL = 10 * 60_000;
// Ten thousand rows at once would hold the event loop for some 185 ms.
const BATCH = 200;

/** Removes idempotency keys that have expired, every ten minutes. A claim treats them as absent before that. */
@Injectable()
export class IdempotencySweeper extends BackgroundSweep {
  protected override readonly interval = INTERVAL;

  constructor(
    private readonly storage: SessmanStorage,
    private readonly clock: Clock,
  ) {
    super();
  }

  protected override async work(): Promise<number> {
    const now = this.clock.now();
    return inBatches(() => this.storage.ask('idempotency.sweep', () => this.storage.idempotency.sweep(now, BATCH)));
  }
}
