import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';

const HOUR = 3_600_000;
// Ten thousand rows at once would hold the event loop for some 185 ms.
const BATCH = 500;

/** Lets audit entries go when they are older than `auditRetention`, once an hour. */
@Injectable()
export class AuditSweeper implements OnApplicationBootstrap, OnModuleDestroy {
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<number> | undefined;

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly storage: AuthStorage,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.sweep().catch(() => undefined), HOUR).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping?.catch(() => undefined);
  }

  /** One sweep at a time. @returns how many entries were removed. @throws ProblemException 503 `store_unavailable` */
  sweep(): Promise<number> {
    this.#sweeping ??= this.#sweepAll().finally(() => (this.#sweeping = undefined));
    return this.#sweeping;
  }

  async #sweepAll(): Promise<number> {
    const before = this.clock.now() - this.options.auditRetention;
    let removed = 0;
    let batch: number;
    do {
      batch = await this.storage.ask('audit.expire', () => this.storage.audit.expire(before, BATCH));
      removed += batch;
      await setImmediate();
    } while (batch > 0);
    return removed;
  }
}
