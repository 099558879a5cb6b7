import { Injectable, Optional, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { StoreMonitor } from 'nest-gatehouse/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { HitService } from 'nest-gatehouse/hits';
import { Activity } from '../figures/activity.js';
import { LiveSessions } from '../figures/live-sessions.js';
import { StoreHistogram } from './store-histogram.js';

type Figures = Iterable<readonly [labels: Readonly<Record<string, string>>, total: number]>;

/**
 * What Prometheus reads, in a registry of its own. Everything is collected when it is asked for; no label has a value
 * that a client chooses.
 */
@Injectable()
export class Metrics implements OnModuleInit, OnApplicationShutdown {
  readonly #registry = new Registry();
  readonly #operations = new StoreHistogram();
  #stop: (() => void) | undefined;

  constructor(
    private readonly activity: Activity,
    private readonly sessions: LiveSessions,
    private readonly monitor: StoreMonitor,
    @Optional() private readonly hits?: HitService,
  ) {}

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  onModuleInit(): void {
    const { activity, hits } = this;
    collectDefaultMetrics({ register: this.#registry });
    this.#registry.registerMetric(this.#operations.asMetric());
    this.#stop = this.monitor.onOperation((...args) => this.#operations.observe(...args));
    this.#gaugeSessions();
    this.#counter('gatehouse_sessions_opened_total', 'Sessions that were opened.', [], () => [
      [{}, activity.opened.total],
    ]);
    this.#counter('gatehouse_sessions_ended_total', 'Sessions that ended, by reason.', ['reason'], () =>
      activity.ended.totals().map(([reason, total]) => [{ reason }, total]),
    );
    this.#counter(
      'gatehouse_session_conflicts_total',
      'Saves that were refused, as another request had changed the same.',
      [],
      () => [[{}, activity.conflicts.total]],
    );
    this.#counter(
      'gatehouse_lock_waits_total',
      'Locks that were held by another, so that a request waited.',
      [],
      () => [[{}, activity.lockWaits.total]],
    );
    this.#counter('gatehouse_logins_total', 'Sign-ins, by outcome.', ['outcome'], () =>
      activity.logins.totals().map(([outcome, total]) => [{ outcome }, total]),
    );
    if (!hits) return;
    this.#counter(
      'gatehouse_hits_total',
      'Requests, by method, pattern of the route and class of the status.',
      ['method', 'route', 'status'],
      () => [...hits.totals()].map(({ total, method, route, status }) => [{ method, route, status }, total]),
    );
  }

  onApplicationShutdown(): void {
    this.#stop?.();
    this.#registry.clear();
  }

  #counter(name: string, help: string, labelNames: string[], figures: () => Figures): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, total] of figures()) this.inc(labels, total);
      },
    });
  }

  #gaugeSessions(): void {
    const { sessions } = this;
    new Gauge({
      name: 'gatehouse_sessions_live',
      help: 'Sessions that live now, over all processes on the store. State program: those that other programs keep.',
      labelNames: ['state'],
      registers: [this.#registry],
      async collect() {
        this.reset();
        // While the store does not answer, the figure is left out: a zero would be untrue.
        const counts = await sessions.counts().catch(() => null);
        if (counts === null) return;
        const { live, signedIn, anonymous } = counts;
        this.set({ state: 'signed_in' }, signedIn);
        this.set({ state: 'anonymous' }, anonymous);
        this.set({ state: 'program' }, live - signedIn - anonymous);
      },
    });
  }
}
