import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { SessionStore } from 'nest-gatehouse/session';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';

/** Whether the session store answers, asked for a session that cannot exist. */
@Injectable()
export class SessionStoreHealth {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly store: SessionStore,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async check() {
    const part = this.indicators.check('session_store');
    return (await this.#answers()) ? part.up() : part.down('does not answer');
  }

  async #answers(): Promise<boolean> {
    const nobody = randomBytes(16).toString('base64url');
    const deadline = new AbortController();
    try {
      return await Promise.race([
        Promise.resolve(this.store.read(nobody)).then(() => true),
        delay(this.configuration.STORE_DEADLINE, false, { signal: deadline.signal }),
      ]);
    } catch {
      return false;
    } finally {
      deadline.abort();
    }
  }
}
