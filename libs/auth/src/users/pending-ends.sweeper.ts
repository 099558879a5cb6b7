import { Inject, Injectable } from '@nestjs/common';
import { BackgroundSweep, Clock } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import type { PendingEnd } from '../storage/pending-ends.js';
import { UserSessions } from './user-sessions.service.js';

const INTERVAL = 5_000;
const BATCH = 100;

/**
 * Finishes ends of a user's sessions that were interrupted because the process died or the store failed: at the start,
 * and every few seconds, in whichever process looks first. It takes no lock, because a dead process would hold it until
 * its lease ends; everything it does may be done twice, and at the same time. If the end is still running after this
 * long, this ends all sessions, the kept one included.
 */
@Injectable()
export class PendingEndsSweeper extends BackgroundSweep {
  protected override readonly interval = INTERVAL;
  protected override readonly atStart = true;

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly storage: AuthStorage,
    private readonly users: UserSessions,
    private readonly clock: Clock,
  ) {
    super();
  }

  protected override async work(): Promise<number> {
    // Each step of an end may take up to one deadline, but usually takes a few milliseconds.
    const before = this.clock.now() - 2 * this.options.storeDeadline;
    const ends = await this.storage.ask('ends.begunBy', () => this.storage.ends.begunBy(before, BATCH));
    const failures: unknown[] = [];
    for (const end of ends) await this.#finish(end).catch((error: unknown) => failures.push(error));
    // A failed one is tried again next time, and must not keep the others from being finished.
    if (failures.length > 0) throw failures[0];
    return ends.length;
  }

  async #finish({ id, userId, reason }: PendingEnd): Promise<void> {
    await this.users.finish(userId, reason);
    await this.storage.ask('ends.remove', () => this.storage.ends.remove(id));
  }
}
