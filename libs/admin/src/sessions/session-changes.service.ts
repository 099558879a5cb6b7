import { Injectable } from '@nestjs/common';
import { AuditService, type AuditNote } from 'nest-gatehouse/auth';
import { SessionService } from 'nest-gatehouse/session';
import { isHandle } from 'nest-gatehouse/session/storage';
import { sessionNotFound, sessionOver } from '../admin.problems.js';

/** Ends and extends single sessions. */
@Injectable()
export class SessionChanges {
  constructor(
    private readonly sessions: SessionService,
    private readonly audit: AuditService,
  ) {}

  /** Ending one that has ended already changes nothing. @throws 404 `session_not_found` if nobody knows it */
  async end(handle: string, { actorId, ip, userAgent }: AuditNote): Promise<void> {
    if (await this.sessions.end(handle, 'administrator', { actorId, ip, userAgent })) return this.audit.settled();
    if (!(await this.#isKnown(handle))) throw sessionNotFound();
  }

  /** @throws 404 `session_not_found`, 409 `session_ended` */
  async extend(handle: string, by: AuditNote): Promise<void> {
    const session = await this.sessions.extend(handle);
    if (!session) throw (await this.#isKnown(handle)) ? sessionOver() : sessionNotFound();
    await this.audit.record('session.extended', { ...by, userId: session.userId, handle });
  }

  async #isKnown(handle: string): Promise<boolean> {
    return isHandle(handle) && (await this.audit.find({ handle }, { limit: 1 })).items.length > 0;
  }
}
