import type { AuditLog, LoginAttempts, PendingEnds, UserStore } from 'nest-gatehouse/auth/storage';
import { suite } from './harness.js';

/** The accounts, counters and audit trail of one storage under test, empty when it is opened. */
export interface AuthHarness {
  readonly users: UserStore;
  readonly attempts: LoginAttempts;
  readonly audit: AuditLog;
  /** For `pendingEndsContract`; a storage of one's own may have none. */
  readonly ends?: PendingEnds;
  /** The storage's present time, in milliseconds since the epoch. */
  now(): number;
  /** Lets this much time pass for the storage: moves its clock, or really waits where a server's clock counts. */
  elapse(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export interface AuthHarnessFactory {
  open(): Promise<AuthHarness>;
}

export const authSuite = suite<AuthHarness>;

/** `count` calls at once. */
export function parallel<T>(count: number, call: (n: number) => T | Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, async (_, n) => call(n)));
}
