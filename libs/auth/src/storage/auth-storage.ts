import { type Awaitable, isPromise } from 'nest-gatehouse/common';
import { SessionEvents } from 'nest-gatehouse/session';
import type { AuditLog } from './audit-log.js';
import type { LoginAttempts } from './login-attempts.js';
import type { PendingEnds } from './pending-ends.js';
import { storeUnavailable } from '../auth.problems.js';
import type { UserStore } from './user-store.js';

/** The contracts as this application has them, and the one way to them: bounded in time, failing as 503. */
export class AuthStorage {
  constructor(
    readonly users: UserStore,
    readonly attempts: LoginAttempts,
    readonly audit: AuditLog,
    private readonly deadline: number,
    private readonly events: SessionEvents,
    readonly ends: PendingEnds,
  ) {}

  /** @throws ProblemException 503 `store_unavailable`, told as `session.store_failed`; `expected` errors pass as they are */
  async ask<T>(
    operation: string,
    run: () => Awaitable<T>,
    ...expected: (new (...args: never[]) => Error)[]
  ): Promise<T> {
    try {
      const answer = run();
      return isPromise(answer) ? await this.#inTime(answer) : answer;
    } catch (error) {
      if (expected.some((type) => error instanceof type)) throw error;
      const cause = error instanceof Error ? error : new Error(String(error));
      this.events.emit('session.store_failed', { operation, error: cause });
      throw storeUnavailable(cause);
    }
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${this.deadline} ms`)), this.deadline);
    });
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }
}
