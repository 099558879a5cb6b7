import { Injectable } from '@nestjs/common';
import { AuditService } from 'nest-gatehouse/auth';
import { BackgroundSweep, Clock } from 'nest-gatehouse/common';
import { SessionService, SessionSweeper } from 'nest-gatehouse/session';
import { isProgramUser } from 'nest-gatehouse/session/storage';
import type { AdminJob, AdminJobChanges } from '../storage/admin-jobs.js';
import { AdminStorage } from '../storage/admin-storage.js';
import { parseStep, stepText, type EndingCause, type EndingStep, type SteppedSession } from './ending-step.js';
import { JOB_LEASE } from './job-run.js';

const INTERVAL = 10_000;
const BATCH = 20;
/** How many sessions are looked up at once. */
const AT_ONCE = 20;
const DAY = 86_400_000;

/**
 * Puts on record what a process that died, or failed, has ended and not yet told, marks its job as failed, and removes
 * jobs after a day. Whichever process looks first does it.
 *
 * It notes which sessions have ended, and looks into the trail only some time later: whoever else had ended one of them
 * has then put it on record itself.
 */
@Injectable()
export class JobSweeper extends BackgroundSweep {
  protected override readonly interval = INTERVAL;
  protected override readonly atStart = true;

  constructor(
    private readonly storage: AdminStorage,
    private readonly sessions: SessionService,
    private readonly sweeper: SessionSweeper,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {
    super();
  }

  protected override async work(): Promise<number> {
    const { jobs } = this.storage;
    const now = this.clock.now();
    const abandoned = await this.storage.ask('jobs.abandoned', () => jobs.abandoned(now, BATCH));
    for (const job of abandoned) await this.#complete(job);
    const expired = await this.storage.ask('jobs.expire', () => jobs.expire(now - DAY, BATCH));
    return abandoned.length + expired;
  }

  async #complete(job: AdminJob): Promise<void> {
    const step = job.step === null ? null : parseStep(job.step);
    if (step && !step.seen) return this.#see(job, step);
    // An expired session counts as ended: this puts it on record as what it is.
    await this.sweeper.sweep();
    await this.audit.settled();
    // Taken under a lease of its own, so that no second process tells the same.
    const taken = { leaseUntil: this.clock.now() + JOB_LEASE };
    if (!(await this.#update(job.id, job.leaseUntil, taken))) return;
    const told = step ? await this.#tell(step) : 0;
    await this.#update(job.id, taken.leaseUntil, { state: 'failed', step: null, ended: job.ended + told });
  }

  async #see({ id, leaseUntil }: AdminJob, { cause, sessions }: EndingStep): Promise<void> {
    const ended = await inGroups(sessions, async (session) => ((await this.#wasEnded(session)) ? [session] : []));
    const step = stepText({ cause, sessions: ended, seen: true });
    await this.#update(id, leaseUntil, { step, leaseUntil: this.clock.now() + INTERVAL });
  }

  async #tell({ cause, sessions }: EndingStep): Promise<number> {
    const told = await inGroups(sessions, async (session) => ((await this.#record(session, cause)) ? [session] : []));
    await this.audit.settled();
    return told.length;
  }

  async #update(id: string, leaseUntil: number, changes: AdminJobChanges): Promise<boolean> {
    const { jobs } = this.storage;
    return this.storage.ask('jobs.update', () => jobs.update(id, leaseUntil, changes));
  }

  async #wasEnded({ handle }: SteppedSession): Promise<boolean> {
    return (await this.sessions.read(handle)) === null;
  }

  /** @returns whether it was not on record as the deed of somebody else */
  async #record({ handle, userId, ...session }: SteppedSession, cause: EndingCause): Promise<boolean> {
    const known = await this.audit.find({ handle, type: 'session.ended' }, { limit: 1 });
    const [entry] = known.items;
    if (entry) return entry.actorId === (cause.actorId ?? null);
    // Of sessions without an account the trail tells nothing. What one group records is written together.
    if (userId !== null && !isProgramUser(userId))
      void this.audit.record('session.ended', { ...cause, userId, handle, detail: 'administrator', session });
    return true;
  }
}

async function inGroups<T, R>(items: readonly T[], work: (item: T) => Promise<readonly R[]>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))).flat());
  return results;
}
