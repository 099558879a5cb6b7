import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type RefusalReason, SessionEvents } from 'nest-gatehouse/session';
import { isProgramUser, type SessionSummary } from 'nest-gatehouse/session/storage';
import type { AuditedSession } from '../storage/audit-log.js';
import { AuditService } from './audit.service.js';

/**
 * Refusals that suggest a stolen or planted token, or by which somebody lost a session that lives on. Unknown and malformed
 * ones are old cookies and noise.
 */
const RECORDED: ReadonlySet<RefusalReason> = new Set(['duplicate', 'wrong_secret', 'data_invalid']);
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
      this.sessions.on('session.ended', ({ handle, userId, reason, actorId, ip, userAgent, session }) => {
        const who = { actorId, userId, handle, ip, userAgent };
        if (!isOfUser(userId)) return;
        void this.audit.record('session.ended', {
          ...who,
          detail: reason,
          session: session && auditedSession(session),
        });
      }),
      this.sessions.on('session.conflict', ({ keys, ...who }) => {
        const detail = keys.length === 0 ? 'lock lost' : `${keys.length} keys`;
        if (isOfUser(who.userId)) void this.audit.record('session.conflict', { ...who, detail });
      }),
      this.sessions.on('session.refused', ({ handle, ip, userAgent, reason }) => {
        if (RECORDED.has(reason)) void this.audit.record('session.refused', { handle, ip, userAgent, detail: reason });
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

function auditedSession(session: SessionSummary): AuditedSession {
  const { username, ip, userAgent, createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt, authTime, amr } = session;
  return { username, ip, userAgent, createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt, authTime, amr };
}

function isOfUser(userId: string | null): boolean {
  return userId !== null && !isProgramUser(userId);
}
