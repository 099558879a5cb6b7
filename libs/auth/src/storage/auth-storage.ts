import type { Awaitable, StoreCalls } from 'nest-gatehouse/common';
import type { AuditLog } from './audit-log.js';
import type { LoginAttempts } from './login-attempts.js';
import type { PendingEnds } from './pending-ends.js';
import type { UserStore } from './user-store.js';

/**
 * The contracts as this application has them. All calls go through `ask`: they are bounded in time, and fail as 503.
 */
export class AuthStorage {
  constructor(
    readonly users: UserStore,
    readonly attempts: LoginAttempts,
    readonly audit: AuditLog,
    readonly ends: PendingEnds,
    private readonly calls: StoreCalls,
  ) {}

  /**
   * @throws ProblemException 503 `store_unavailable`, emitted as `session.store_failed`; `expected` errors pass as they
   * are
   */
  ask<T>(operation: string, run: () => Awaitable<T>, ...expected: (new (...args: never[]) => Error)[]): Promise<T> {
    return this.calls.askFor(operation, run, expected);
  }
}
