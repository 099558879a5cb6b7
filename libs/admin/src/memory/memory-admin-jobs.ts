import { Injectable } from '@nestjs/common';
import { AdminJobs, type AdminJob, type AdminJobChanges } from '../storage/admin-jobs.js';

/** Jobs in the memory of one process. */
@Injectable()
export class MemoryAdminJobs extends AdminJobs {
  readonly #jobs = new Map<string, AdminJob>();

  override insert(job: AdminJob): void {
    this.#jobs.set(job.id, Object.freeze({ ...job }));
  }

  override read(id: string): AdminJob | null {
    return this.#jobs.get(id) ?? null;
  }

  override update(id: string, leaseUntil: number, changes: AdminJobChanges): boolean {
    const job = this.#jobs.get(id);
    if (job?.state !== 'running' || job.leaseUntil !== leaseUntil) return false;
    this.#jobs.set(id, Object.freeze({ ...job, ...changes }));
    return true;
  }

  override abandoned(now: number, limit: number): readonly AdminJob[] {
    const found = [...this.#jobs.values()].filter(({ state, leaseUntil }) => state === 'running' && leaseUntil <= now);
    return found.slice(0, limit);
  }

  override expire(before: number, limit: number): number {
    const old = [...this.#jobs.values()].filter(({ state, startedAt }) => state !== 'running' && startedAt < before);
    const leaving = old.slice(0, limit);
    for (const { id } of leaving) this.#jobs.delete(id);
    return leaving.length;
  }
}
