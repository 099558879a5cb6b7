import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AuthEvents } from 'nest-gatehouse/auth';
import type { AuditType } from 'nest-gatehouse/auth/storage';
import { Clock, StoreMonitor } from 'nest-gatehouse/common';
import { SessionEvents, type EndReason } from 'nest-gatehouse/session';
import { LatencyWindow } from './latency-window.js';
import { Tallies, Tally } from './tally.js';

export type LoginOutcome = 'ok' | 'failed' | 'throttled' | 'refused';

const LOGINS: Partial<Record<AuditType, LoginOutcome>> = {
  'login.ok': 'ok',
  'login.failed': 'failed',
  'login.throttled': 'throttled',
  'login.refused': 'refused',
};

/** How long it takes depends on whoever holds the lock, not on the store. */
const WAITING_OPERATION = 'lock';

/** Counts what happens in this process, since it started and within the last minute. Asks no store. */
@Injectable()
export class Activity implements OnModuleInit, OnApplicationShutdown {
  readonly opened = new Tally();
  readonly ended = new Tallies<EndReason>();
  readonly conflicts = new Tally();
  readonly lockWaits = new Tally();
  readonly logins = new Tallies<LoginOutcome>('ok', 'failed', 'throttled', 'refused');
  /** Of all stores, without the waiting for locks. */
  readonly latency = new LatencyWindow();
  #stops: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly sessions: SessionEvents,
    private readonly auth: AuthEvents,
    private readonly monitor: StoreMonitor,
  ) {}

  onModuleInit(): void {
    const { clock, sessions } = this;
    this.#stops = [
      sessions.on('session.created', () => this.opened.add(clock.now())),
      sessions.on('session.ended', ({ reason }) => this.ended.add(reason, clock.now())),
      sessions.on('session.conflict', () => this.conflicts.add(clock.now())),
      sessions.on('session.lock_waited', () => this.lockWaits.add(clock.now())),
      this.auth.count((type) => {
        const outcome = LOGINS[type];
        if (outcome !== undefined) this.logins.add(outcome, clock.now());
      }),
      this.monitor.onOperation((operation, _outcome, milliseconds) => {
        if (operation !== WAITING_OPERATION) this.latency.add(milliseconds, clock.now());
      }),
    ];
  }

  onApplicationShutdown(): void {
    for (const stop of this.#stops) stop();
  }
}
