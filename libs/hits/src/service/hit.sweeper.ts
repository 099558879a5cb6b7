import { Inject, Injectable } from '@nestjs/common';
import { BackgroundSweep, Clock, inBatches } from 'nest-gatehouse/common';
import type { ResolvedHitsOptions } from '../hits.options.js';
import { HITS_OPTIONS } from '../hits.tokens.js';
import { HitStorage } from '../storage/hit-storage.js';

const INTERVAL = 10 * 60_000;
// Ten thousand rows at once would hold the event loop for some 185 ms.
const BATCH = 200;

/** Removes what is older than `retention` and `dailyRetention`, every ten minutes, where the database does not. */
@Injectable()
export class HitSweeper extends BackgroundSweep {
  protected override readonly interval = INTERVAL;

  constructor(
    @Inject(HITS_OPTIONS) private readonly options: ResolvedHitsOptions,
    private readonly storage: HitStorage,
    private readonly clock: Clock,
  ) {
    super();
  }

  protected override async work(): Promise<number> {
    const now = this.clock.now();
    const { retention, dailyRetention } = this.options;
    const until = { now, hoursBefore: now - retention, daysBefore: now - dailyRetention };
    return inBatches(() => this.storage.ask('hits.expire', () => this.storage.store.expire(until, BATCH)));
  }
}
