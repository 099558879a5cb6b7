import { Injectable } from '@nestjs/common';
import { AuditService } from 'nest-gatehouse/auth';
import { BackgroundSweep, Clock } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';
import { isProgramUser } from 'nest-gatehouse/session/storage';
import type { AdminJob } from '../storage/admin-jobs.js';
import { AdminStorage } from '../storage/admin-storage.js';
import { parseStep, type EndingCause, type SteppedSession } from './ending-step.js';

const INTERVAL = 10_000;
const BATCH = 20;
const DAY = 86_400_000;

/**
 * Puts on record what a process that died has ended and not yet told, marks its job as failed, and removes jobs after a
 * day. Whichever process looks first does it.
 */
@Injectable()
export class JobSweeper extends BackgroundSweep {
  protected override readonly interval = INTERVAL;
  protected override readonly atStart = true;

  constructor(
    private readonly storage: AdminStorage,
    private readonly sessions: SessionService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {
    super();
  }

  protected override async work(): Promise<number> {
    const { jobs } = this.storage;
    const now = this.clock.now();
    const abandoned = await this.storage.ask('jobs.abandoned', () => jobs.abandoned(now, BATCH));
    for (const job of abandoned) await this.#complete(job, now);
    const expired = await this.storage.ask('jobs.expire', () => jobs.expire(now - DAY, BATCH));
    return abandoned.length + expired;
  }

  async #complete(job: AdminJob, now: number): Promise<void> {
    const { jobs } = this.storage;
    // Taken under a lease of its own, so that no second process tells the same.
    const taken = { leaseUntil: now + INTERVAL };
    if (!(await this.storage.ask('jobs.update', () => jobs.update(job.id, job.leaseUntil, taken)))) return;
    const told = job.step === null ? 0 : await this.#tell(job.step);
    const done = { state: 'failed', step: null, ended: job.ended + told } as const;
    await this.storage.ask('jobs.update', () => jobs.update(job.id, taken.leaseUntil, done));
  }

  async #tell(text: string): Promise<number> {
    const { cause, sessions } = parseStep(text);
    let told = 0;
    for (const session of sessions) if (await this.#wasEnded(session)) told += await this.#record(session, cause);
    await this.audit.settled();
    return told;
  }

  async #wasEnded({ handle }: SteppedSession): Promise<boolean> {
    return (await this.sessions.read(handle)) === null;
  }

  /** @returns 1 if the end was not on record by somebody else */
  async #record({ handle, userId, ...session }: SteppedSession, cause: EndingCause): Promise<number> {
    const known = await this.audit.find({ handle, type: 'session.ended' }, { limit: 1 });
    const [entry] = known.items;
    if (entry) return entry.actorId === (cause.actorId ?? null) ? 1 : 0;
    // Of sessions without an account the trail tells nothing.
    if (userId === null || isProgramUser(userId)) return 1;
    await this.audit.record('session.ended', { ...cause, userId, handle, detail: 'administrator', session });
    return 1;
  }
}
