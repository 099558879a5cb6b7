import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SessionEvents, type RefusalReason } from 'nest-gatehouse/session';
import { AuditService } from './audit.service.js';

/** Signs of a stolen or a planted token. Unknown and malformed ones are old cookies and noise. */
const TELLING: ReadonlySet<RefusalReason> = new Set(['duplicate', 'wrong_secret']);

/** Writes down what happens to the sessions of users; anonymous ones leave no trail. */
@Injectable()
export class SessionAudit implements OnModuleInit, OnModuleDestroy {
  #stops: (() => void)[] = [];

  constructor(
    private readonly sessions: SessionEvents,
    private readonly audit: AuditService,
  ) {}

  onModuleInit(): void {
    this.#stops = [
      this.sessions.on('session.renewed', ({ handle, userId }) => {
        if (userId !== null) void this.audit.record('session.renewed', { userId, handle });
      }),
      this.sessions.on('session.ended', ({ handle, userId, reason }) => {
        if (userId !== null) void this.audit.record('session.ended', { userId, handle, detail: reason });
      }),
      this.sessions.on('session.refused', ({ handle, ip, reason }) => {
        if (TELLING.has(reason)) void this.audit.record('session.refused', { handle, ip, detail: reason });
      }),
    ];
  }

  onModuleDestroy(): void {
    for (const stop of this.#stops) stop();
  }
}
