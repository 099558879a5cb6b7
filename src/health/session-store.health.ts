import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { type StoreFailure, StoreUnavailableError } from 'nest-gatehouse/common';
import { SessionStore, StorageHealth } from 'nest-gatehouse/session/storage';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';

/** These texts name neither the storage nor its location, because readiness is public. The log has the details. */
const FAULTS: Readonly<Record<StoreFailure, string>> = {
  busy: 'does not answer',
  full: 'has no room left',
  corrupt: 'is damaged',
  io: 'cannot be read or written',
  closed: 'is closed',
};

/** Whether sessions can be read, and stored durably. */
@Injectable()
export class SessionStoreHealth {
  readonly #logger = new Logger('Health');
  #lastFault: string | null = null;

  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly store: SessionStore,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Optional() private readonly storage?: StorageHealth,
  ) {}

  async check() {
    const part = this.indicators.check('session_store');
    const error = await this.#error();
    this.#logChange(error);
    if (error === null) return part.up();
    return part.down(error instanceof StoreUnavailableError ? FAULTS[error.failure] : FAULTS.busy);
  }

  async #error(): Promise<Error | null> {
    const deadline = new AbortController();
    const late = delay(this.configuration.STORE_DEADLINE, undefined, { signal: deadline.signal });
    try {
      return await Promise.race([this.#prove(), late.then(() => new Error('no answer within STORE_DEADLINE'))]);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      deadline.abort();
      late.catch(() => undefined);
    }
  }

  /** Reads a session that cannot exist, and runs the storage's own health check. */
  async #prove(): Promise<null> {
    await this.store.read(randomBytes(16).toString('base64url'));
    await this.storage?.check();
    return null;
  }

  /** Logs each change once, however often readiness is checked. */
  #logChange(error: Error | null): void {
    const fault = error?.message ?? null;
    if (fault === this.#lastFault) return;
    this.#lastFault = fault;
    if (fault === null) this.#logger.log('The session store is ready again.');
    else this.#logger.warn(`The session store is not ready: ${fault}`);
  }
}
