import type { HitBatch, HitLimits, HitStore, HourOfHits } from 'nest-gatehouse/hits/storage';
import { suite } from './harness.js';

/** The hits of one storage under test, empty when it is opened. */
export interface HitHarness {
  readonly hits: HitStore;
  /** The present time, in milliseconds since the epoch. */
  now(): number;
  /** Whether `expire` removes anything; false where the database does it by itself. */
  readonly expires: boolean;
  close(): Promise<void>;
}

export interface HitHarnessFactory {
  open(): Promise<HitHarness>;
}

export const hitSuite = suite<HitHarness>;

const DAY = 86_400_000;

export const LIMITS: HitLimits = { maxRoutes: 20, maxAgents: 10, retention: 90 * DAY, dailyRetention: 730 * DAY };

let writers = 0;

/** A process that sends its batches one after another. */
export class BatchWriter {
  readonly name = `writer-${++writers}`;
  #number = 0;

  constructor(private readonly at: number) {}

  batch(changes: Partial<HitBatch> = {}): HitBatch {
    return {
      writer: this.name,
      number: ++this.#number,
      at: this.at,
      hours: [],
      days: [],
      sessions: [],
      limits: LIMITS,
      ...changes,
    };
  }
}

/** Hits of people on one route, all answered. */
export function anHour(start: number, people: number, changes: Partial<HourOfHits> = {}): HourOfHits {
  return {
    start,
    people,
    bots: 0,
    routes: people > 0 ? [{ method: 'GET', route: '/', status: { '2xx': people } }] : [],
    agents: people > 0 ? [{ family: 'Firefox', bot: false, total: people }] : [],
    ...changes,
  };
}
