import type { Awaitable, StoreCalls } from 'nest-gatehouse/common';
import type { AdminJobs } from './admin-jobs.js';

/** The contract as this application has it. All calls go through `ask`: they are bounded in time, and fail as 503. */
export class AdminStorage {
  constructor(
    readonly jobs: AdminJobs,
    private readonly calls: StoreCalls,
  ) {}

  /** @throws ProblemException 503 `store_unavailable`, emitted as `session.store_failed` */
  async ask<T>(operation: string, run: () => Awaitable<T>): Promise<T> {
    return this.calls.ask(operation, run);
  }
}
