import { Injectable } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import type { EndReason } from 'nest-gatehouse/session';
import { SessionDoctor } from 'nest-gatehouse/session/doctor';
import { Activity } from '../figures/activity.js';
import { LiveSessions, type LiveSessionCounts } from '../figures/live-sessions.js';

const MEDIAN = 0.5;
const ALMOST_ALL = 0.99;

/** As `GET /admin/api/stats` answers. Sessions are those of the store, the rest is what this process has seen. */
export interface StatsView {
  readonly at: string;
  readonly sessions: LiveSessionCounts;
  /** Within the last sixty seconds. */
  readonly perMinute: {
    readonly opened: number;
    readonly ended: Partial<Record<EndReason, number>>;
    readonly logins: { readonly ok: number; readonly failed: number; readonly throttled: number };
    readonly conflicts: number;
    readonly lockWaits: number;
  };
  /** Null if the store was not asked within the last minute. */
  readonly store: { readonly p50Ms: number | null; readonly p99Ms: number | null };
  /** How many different things the doctor has found. */
  readonly doctor: number;
}

/** The same for a page that does not wait: without the sessions if they are still being counted. */
export type StatsSoFar = Omit<StatsView, 'sessions'> & { readonly sessions: LiveSessionCounts | null };

/** So long a page waits for the sessions to be counted, in milliseconds: MongoDB needs longer for a million. */
const PATIENCE = 100;

@Injectable()
export class Stats {
  constructor(
    private readonly clock: Clock,
    private readonly sessions: LiveSessions,
    private readonly activity: Activity,
    private readonly doctor: SessionDoctor,
  ) {}

  /** @throws ProblemException 503 `store_unavailable` */
  async read(): Promise<StatsView> {
    return this.#with(await this.sessions.counts());
  }

  /** @throws ProblemException 503 `store_unavailable` */
  async readSoon(): Promise<StatsSoFar> {
    return this.#with(await this.sessions.countsWithin(PATIENCE));
  }

  #with<T extends LiveSessionCounts | null>(sessions: T): Omit<StatsView, 'sessions'> & { readonly sessions: T } {
    const { activity } = this;
    const now = this.clock.now();
    const { ok, failed, throttled } = activity.logins.lastMinute(now);
    const [p50Ms = null, p99Ms = null] = activity.latency.quantiles([MEDIAN, ALMOST_ALL], now);
    return {
      at: new Date(now).toISOString(),
      sessions,
      perMinute: {
        opened: activity.opened.lastMinute(now),
        ended: activity.ended.lastMinute(now),
        logins: { ok, failed, throttled },
        conflicts: activity.conflicts.lastMinute(now),
        lockWaits: activity.lockWaits.lastMinute(now),
      },
      store: { p50Ms, p99Ms },
      doctor: this.doctor.findings().length,
    };
  }
}
