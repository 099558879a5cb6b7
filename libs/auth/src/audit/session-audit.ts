import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type RefusalReason, SessionEvents } from 'nest-gatehouse/session';
import { AuditService } from './audit.service.js';

/** Signs of a stolen or a planted token. Unknown and malformed ones are old cookies and noise. */
const TELLING: ReadonlySet<RefusalReason> = new Set(['duplicate', 'wrong_secret']);
/** Of the trail itself: what cannot be stored is not stored by trying again. */
const OWN_OPERATIONS = 'audit.';

/** Writes down what happens to the sessions of users, and that a store has failed; anonymous sessions leave no trail. */
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
        if (userId !== null) void this.audit.record('session.renewed', { actorId, userId, handle, ip, userAgent });
      }),
      this.sessions.on('session.ended', ({ handle, userId, reason, actorId, ip, userAgent }) => {
        const who = { actorId, userId, handle, ip, userAgent };
        if (userId !== null) void this.audit.record('session.ended', { ...who, detail: reason });
      }),
      this.sessions.on('session.refused', ({ handle, ip, userAgent, reason }) => {
        if (TELLING.has(reason)) void this.audit.record('session.refused', { handle, ip, userAgent, detail: reason });
      }),
      this.sessions.on('session.store_failed', ({ operation }) => {
        if (!operation.startsWith(OWN_OPERATIONS)) void this.audit.record('store.failed', { detail: operation });
      }),
    ];
  }

  /** Requests that are under way while the application is shut down are on record as well. */
  onApplicationShutdown(): void {
    for (const stop of this.#stops) stop();
  }
}
