import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { AuditService, type AuditNote } from 'nest-gatehouse/auth';
import { Clock, Randomness } from 'nest-gatehouse/common';
import { type SessionInfo, type SessionInfoList, SessionService } from 'nest-gatehouse/session';
import type { SessionFilter } from 'nest-gatehouse/session/storage';
import type { ResolvedAdminOptions } from '../admin.options.js';
import { ADMIN_OPTIONS } from '../admin.tokens.js';
import type { AdminJob } from '../storage/admin-jobs.js';
import { AdminStorage } from '../storage/admin-storage.js';
import { stepText } from './ending-step.js';
import { JOB_LEASE, JobRun } from './job-run.js';

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

/** As many as a store ends at once. */
const PAGE = 200;
const MAX_PAGES = 5;
/** A step that took less is followed by a larger one, one that took longer by a smaller one. */
const STEP_TIME = 1_000;
const ID_BYTES = 16;

/**
 * Ends all sessions that match, in steps of up to 1,000, a page of 200 after the other, so that requests are answered
 * meanwhile. What is being ended is noted first, then ended, then put on record: if the process dies, `JobSweeper`
 * completes the record of the last step. A job ends nothing that was created after it began.
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
      let pages = 1;
      do {
        const since = performance.now();
        cursor = await this.#step(run, order, { cursor, pages });
        const isShort = performance.now() - since < STEP_TIME;
        pages = isShort ? Math.min(2 * pages, MAX_PAGES) : Math.ceil(pages / 2);
        await setImmediate();
      } while (cursor !== undefined && !this.#stopping);
      await run.change({ state: cursor === undefined ? 'done' : 'failed', step: null });
      await this.#note(order, `${order.described}: ${run.ended} of ${job.matched} ended`);
      return run.ended;
    } catch (error) {
      await run.fail();
      await this.#note(order, `${order.described}: failed after ${run.ended} of ${job.matched}`);
      throw error;
    }
  }

  /** @returns where the next step begins, if there may be more */
  async #step(run: JobRun, { filter, by }: EndOrder, from: Place): Promise<string | undefined> {
    const { pages, next } = await this.#find(filter, from);
    if (pages.length === 0) return undefined;
    const { actorId, ip, userAgent } = by;
    const cause = { actorId, ip, userAgent };
    await run.change({ step: stepText({ cause, sessions: pages.flat() }) });
    const outcomes = await Promise.allSettled(
      pages.map(async (page, turns) => {
        // A store that writes in this process has a turn of the event loop for each page.
        for (let turn = 0; turn < turns; turn++) await setImmediate();
        const handles = page.map(({ handle }) => handle);
        const ended = await this.sessions.endAmong(handles, filter, { reason: 'administrator', cause });
        run.ended += ended.length;
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    // The ends are on record before the note of them goes, which the next step replaces.
    await this.audit.settled();
    return next ?? undefined;
  }

  async #find(filter: SessionFilter, { cursor, pages: limit }: Place) {
    const pages: (readonly SessionInfo[])[] = [];
    let next: string | null | undefined = cursor;
    do {
      const list: SessionInfoList = await this.sessions.find(filter, { limit: PAGE, cursor: next ?? undefined });
      if (list.items.length > 0) pages.push(list.items);
      ({ next } = list);
      await setImmediate();
    } while (next !== null && pages.length < limit);
    return { pages, next };
  }

  #note({ by, userId }: EndOrder, detail: string): Promise<void> {
    return this.audit.record('sessions.ended', { ...by, userId: userId ?? null, detail });
  }
}

/** Where a step begins, and how many pages it has. */
interface Place {
  readonly cursor: string | undefined;
  readonly pages: number;
}
