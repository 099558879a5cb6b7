import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type RefusalReason, SessionEvents } from 'nest-gatehouse/session';
import { isProgramUser } from 'nest-gatehouse/session/storage';
import { AuditService } from './audit.service.js';

/** Refusals that suggest a stolen or planted token. Unknown and malformed ones are old cookies and noise. */
const SUSPICIOUS: ReadonlySet<RefusalReason> = new Set(['duplicate', 'wrong_secret']);
/** Operations of the trail itself: a failure to store an entry cannot be stored as another entry. */
const OWN_OPERATIONS = 'audit.';

/**
 * Records what happens to the sessions of users, and failures of a store. Anonymous sessions are not recorded, nor those
 * of other programs, which may make and end as many as they like.
 */
@Injectable()
export class SessionAudit implements OnModuleInit, OnApplicationShutdown {
  #stops: (() => void)[] = [];

  constructor(
    private readonly sessions: SessionEvents,
    private readonly audit: AuditService,
  ) {}

  onModuleInit(): void {
    this.#stops = [
      this.sessions.on('session.renewed', ({ handle, userId, actorId, ip, userAgent }) => {
        if (isOfUser(userId)) void this.audit.record('session.renewed', { actorId, userId, handle, ip, userAgent });
      }),
      this.sessions.on('session.ended', ({ handle, userId, reason, actorId, ip, userAgent }) => {
        const who = { actorId, userId, handle, ip, userAgent };
        if (isOfUser(userId)) void this.audit.record('session.ended', { ...who, detail: reason });
      }),
      this.sessions.on('session.refused', ({ handle, ip, userAgent, reason }) => {
        if (SUSPICIOUS.has(reason))
          void this.audit.record('session.refused', { handle, ip, userAgent, detail: reason });
      }),
      this.sessions.on('session.store_failed', ({ operation }) => {
        if (!operation.startsWith(OWN_OPERATIONS)) void this.audit.record('store.failed', { detail: operation });
      }),
    ];
  }

  /** Only now, so that requests still under way during the shutdown are recorded as well. */
  onApplicationShutdown(): void {
    for (const stop of this.#stops) stop();
  }
}

function isOfUser(userId: string | null): boolean {
  return userId !== null && !isProgramUser(userId);
}
