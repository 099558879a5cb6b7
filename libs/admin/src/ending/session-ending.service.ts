import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { AuditService, type AuditNote } from 'nest-gatehouse/auth';
import { Clock, Randomness } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';
import type { SessionFilter } from 'nest-gatehouse/session/storage';
import type { ResolvedAdminOptions } from '../admin.options.js';
import { ADMIN_OPTIONS } from '../admin.tokens.js';
import type { AdminJob } from '../storage/admin-jobs.js';
import { AdminStorage } from '../storage/admin-storage.js';
import { stepText } from './ending-step.js';

export interface EndOrder {
  readonly filter: SessionFilter;
  /** The filter for people to read, without a name of a user. */
  readonly described: string;
  /** The account whose sessions are ended, if it is one account's. */
  readonly userId?: string;
  readonly by: AuditNote;
}

export interface EndingOutcome {
  /** The job that did it, or goes on. */
  readonly job: string;
  /** Null if it was not all done within `jobAfter`. */
  readonly done: { readonly matched: number; readonly ended: number } | null;
}

const BATCH = 200;
const ID_BYTES = 16;
/** How long a job may show no progress before it counts as dead. */
export const JOB_LEASE = 30_000;

/**
 * Ends all sessions that match, in small batches, so that requests are answered meanwhile. What is being ended is noted
 * first, then ended, then put on record: if the process dies, `JobSweeper` completes the record of the last batch. A job
 * ends nothing that was created after it began.
 */
@Injectable()
export class SessionEnding implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Admin');
  readonly #running = new Set<Promise<unknown>>();
  #stopping = false;

  constructor(
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    private readonly storage: AdminStorage,
    private readonly sessions: SessionService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /** @throws 503 `store_unavailable` if it could not begin, or failed within `jobAfter` */
  async end(order: EndOrder): Promise<EndingOutcome> {
    const now = this.clock.now();
    const createdBefore = Math.min(order.filter.createdBefore ?? Infinity, now + 1);
    const filter = { ...order.filter, createdBefore };
    const matched = await this.sessions.count(filter);
    const id = this.randomness.bytes(ID_BYTES).toString('base64url');
    const leaseUntil = now + JOB_LEASE;
    const job: AdminJob = { id, state: 'running', matched, ended: 0, startedAt: now, leaseUntil, step: null };
    await this.storage.ask('jobs.insert', () => this.storage.jobs.insert(job));
    await this.#note(order, `${order.described}: ${matched} to end`);

    const work = this.#work(job, { ...order, filter });
    const settled = work.catch((error: unknown) => this.#logger.warn(`Job ${id} has failed: ${String(error)}`));
    this.#running.add(settled);
    void settled.finally(() => this.#running.delete(settled));
    const ended = await Promise.race([work, this.#patience()]);
    return { job: id, done: ended === undefined ? null : { matched, ended } };
  }

  async read(id: string): Promise<AdminJob | null> {
    return this.storage.ask('jobs.read', () => this.storage.jobs.read(id));
  }

  /** Stops after the batch under way: the job reads `failed`, and the same order again ends the rest. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#running);
  }

  async #patience(): Promise<undefined> {
    await new Promise((resolve) => setTimeout(resolve, this.options.jobAfter).unref());
  }

  async #work(job: AdminJob, order: EndOrder): Promise<number> {
    const run = new JobRun(job, this.storage, this.clock);
    try {
      let cursor: string | undefined;
      do {
        cursor = await this.#batch(run, order, cursor);
        await setImmediate();
      } while (cursor !== undefined && !this.#stopping);
      await run.change({ state: cursor === undefined ? 'done' : 'failed', step: null });
      await this.#note(order, `${order.described}: ${run.ended} of ${job.matched} ended`);
      return run.ended;
    } catch (error) {
      await run.change({ state: 'failed' }).catch(() => undefined);
      await this.#note(order, `${order.described}: failed after ${run.ended} of ${job.matched}`);
      throw error;
    }
  }

  /** @returns where the next batch begins, if there may be more */
  async #batch(run: JobRun, { filter, by }: EndOrder, from: string | undefined): Promise<string | undefined> {
    const { items, next } = await this.sessions.find(filter, { limit: BATCH, cursor: from });
    if (items.length === 0) return undefined;
    const { actorId, ip, userAgent } = by;
    const cause = { actorId, ip, userAgent };
    await run.change({ step: stepText(cause, items) });
    const handles = items.map(({ handle }) => handle);
    const ended = await this.sessions.endAmong(handles, filter, { reason: 'administrator', cause });
    // The ends are on record before the note of them goes.
    await this.audit.settled();
    await run.change({ step: null, ended: run.ended + ended.length });
    return next ?? undefined;
  }

  #note({ by, userId }: EndOrder, detail: string): Promise<void> {
    return this.audit.record('sessions.ended', { ...by, userId: userId ?? null, detail });
  }
}

/** The job as this process runs it: each change also renews the lease. */
class JobRun {
  ended = 0;
  #leaseUntil: number;

  constructor(
    private readonly job: AdminJob,
    private readonly storage: AdminStorage,
    private readonly clock: Clock,
  ) {
    this.#leaseUntil = job.leaseUntil;
  }

  /** @throws Error if another process has taken the job for dead */
  async change(changes: Partial<Pick<AdminJob, 'state' | 'step' | 'ended'>>): Promise<void> {
    const leaseUntil = Math.max(this.clock.now() + JOB_LEASE, this.#leaseUntil);
    const { jobs } = this.storage;
    const change = () => jobs.update(this.job.id, this.#leaseUntil, { ...changes, leaseUntil });
    if (!(await this.storage.ask('jobs.update', change))) throw new Error('another process has taken it for dead');
    this.#leaseUntil = leaseUntil;
    this.ended = changes.ended ?? this.ended;
  }
}
