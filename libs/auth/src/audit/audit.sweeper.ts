import { Inject, Injectable } from '@nestjs/common';
import { BackgroundSweep, Clock, inBatches } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';

const HOUR = 3_600_000;
// Ten thousand rows at once would hold the event loop for some 185 ms.
const BATCH = 500;

/** Removes audit entries that are older than `auditRetention`, once an hour. `sweep()` returns how many. */
@Injectable()
export class AuditSweeper extends BackgroundSweep {
  protected override readonly interval = HOUR;

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly storage: AuthStorage,
    private readonly clock: Clock,
  ) {
    super();
  }

  protected override async work(): Promise<number> {
    const before = this.clock.now() - this.options.auditRetention;
    return inBatches(() => this.storage.ask('audit.expire', () => this.storage.audit.expire(before, BATCH)));
  }
}
