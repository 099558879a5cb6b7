import type { Awaitable, StoreCalls } from 'nest-gatehouse/common';
import type { HitStore } from './hit-store.js';

/** The contract as this application has it. All calls go through `ask`: they are bounded in time, and fail as 503. */
export class HitStorage {
  constructor(
    readonly store: HitStore,
    private readonly calls: StoreCalls,
  ) {}

  /** @throws ProblemException 503 `store_unavailable`, emitted as `session.store_failed` */
  async ask<T>(operation: string, run: () => Awaitable<T>): Promise<T> {
    return this.calls.ask(operation, run);
  }
}
