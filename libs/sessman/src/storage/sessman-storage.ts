import type { Awaitable, StoreCalls } from 'nest-gatehouse/common';
import type { ApiKeyStore } from './api-key-store.js';
import type { IdempotencyStore } from './idempotency-store.js';

/**
 * The contracts as this application has them. All calls go through `ask`: they are bounded in time, and fail as 503.
 */
export class SessmanStorage {
  constructor(
    readonly keys: ApiKeyStore,
    readonly idempotency: IdempotencyStore,
    private readonly calls: StoreCalls,
  ) {}

  /** @throws ProblemException 503 `store_unavailable`, emitted as `session.store_failed` */
  async ask<T>(operation: string, run: () => Awaitable<T>): Promise<T> {
    return this.calls.ask(operation, run);
  }
}
