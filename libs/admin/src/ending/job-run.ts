import type { Clock } from 'nest-gatehouse/common';
import type { AdminJob } from '../storage/admin-jobs.js';
import type { AdminStorage } from '../storage/admin-storage.js';

/** How long a job may show no progress before it counts as dead. */
export const JOB_LEASE = 30_000;

/** The job as this process runs it: each change also renews the lease, and stores how many have ended. */
export class JobRun {
  ended = 0;
  #leaseUntil: number;
  #hasSteps = false;

  constructor(
    private readonly job: AdminJob,
    private readonly storage: AdminStorage,
    private readonly clock: Clock,
  ) {
    this.#leaseUntil = job.leaseUntil;
  }

  /** @throws Error if another process has taken the job for dead */
  async change(changes: Partial<Pick<AdminJob, 'state' | 'step'>>): Promise<void> {
    if (changes.step != null) this.#hasSteps = true;
    const leaseUntil = Math.max(this.clock.now() + JOB_LEASE, this.#leaseUntil);
    const { jobs } = this.storage;
    const { ended } = this;
    const change = () => jobs.update(this.job.id, this.#leaseUntil, { ...changes, ended, leaseUntil });
    if (!(await this.storage.ask('jobs.update', change))) throw new Error('another process has taken it for dead');
    this.#leaseUntil = leaseUntil;
  }

  /**
   * After a failure. Where it may have ended sessions that are not on record, the job is left to `JobSweeper` as if this
   * process had died: what the store was asked for last may still be done.
   */
  async fail(): Promise<void> {
    if (!this.#hasSteps) await this.change({ state: 'failed' }).catch(() => undefined);
  }
}
