import type { Awaitable } from 'nest-gatehouse/common';

/** Work of an administrator that may take long. Times are milliseconds since the epoch. */
export interface AdminJob {
  /** 16 random bytes in base64url. */
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  /** How many sessions there were to end. */
  readonly matched: number;
  readonly ended: number;
  readonly startedAt: number;
  /** If the process that runs it has not moved this by then, it has died. */
  readonly leaseUntil: number;
  /** What is being done now, so that another process can put it on record if this one dies; null between two steps. */
  readonly step: string | null;
}

export type AdminJobChanges = Partial<Pick<AdminJob, 'state' | 'ended' | 'leaseUntil' | 'step'>>;

/** Keeps the jobs of administrators. The class is its own injection token. Each method is atomic. */
export abstract class AdminJobs {
  /** Durable once this resolves. */
  abstract insert(job: AdminJob): Awaitable<void>;

  abstract read(id: string): Awaitable<AdminJob | null>;

  /**
   * Changes a job that is running, and whose lease is still this one. Durable once this resolves.
   * @returns whether it was
   */
  abstract update(id: string, leaseUntil: number, changes: AdminJobChanges): Awaitable<boolean>;

  /** At most `limit` that are running, and whose lease is over. */
  abstract abandoned(now: number, limit: number): Awaitable<readonly AdminJob[]>;

  /** Removes at most `limit` that were started before this, unless they are running. @returns how many */
  abstract expire(before: number, limit: number): Awaitable<number>;
}
