import { duration, type Duration, optionsObject, parseOptions } from 'nest-gatehouse/common';
import { z } from 'zod';

/** What users write. Durations are `'30m'`-like strings or milliseconds. */
export interface HitsModuleOptions {
  /**
   * `'buffered'` (default): what was counted is written once a second, and a process that is killed loses what it has
   * counted since. `'strict'`: a request is counted in the store before it is answered.
   */
  mode?: 'buffered' | 'strict';
  /** How often a buffer is written. Default `'1s'`. */
  flushInterval?: Duration;
  /** How long hours are kept. Default `'90d'`. */
  retention?: Duration;
  /** How long days are kept, at least as long as hours. Default `'730d'`. */
  dailyRetention?: Duration;
  /** Routes, each with its method, that are counted by name in one day; the rest is `(other)`. Default 500. */
  maxRoutes?: number;
  /** Families of user agents that are counted by name in one day; the rest is `(other)`. Default 50. */
  maxAgents?: number;
  /** Paths that are not counted: exact (`'/favicon.ico'`) or all below (`'/assets/*'`). Default none. */
  exclude?: string[];
  /** How long one operation of the store may take before it counts as failed. Default `'2s'`. */
  storeDeadline?: Duration;
}

export interface ResolvedHitsOptions {
  readonly mode: 'buffered' | 'strict';
  readonly flushInterval: number;
  readonly retention: number;
  readonly dailyRetention: number;
  readonly maxRoutes: number;
  readonly maxAgents: number;
  readonly exclude: readonly string[];
  readonly storeDeadline: number;
}

/** The defaults as an application could write them. */
export const HITS_DEFAULTS = {
  mode: 'buffered',
  flushInterval: '1s',
  retention: '90d',
  dailyRetention: '730d',
  maxRoutes: 500,
  maxAgents: 50,
  storeDeadline: '2s',
} as const satisfies HitsModuleOptions;

const DAY = 86_400_000;
const MAX_NAMES = 10_000;
const MIN_FLUSH = 10;
const MAX_FLUSH = 60_000;

const names = (fallback: number) => {
  const help = `expected a whole number of names from 1 to ${MAX_NAMES}; use ${fallback} if in doubt`;
  return z.int(help).min(1, help).max(MAX_NAMES, help).default(fallback);
};

const atLeastOneDay = (milliseconds: number) => milliseconds >= DAY;
const KEPT = "expected at least one day, such as '90d'";

const hitsOptions = optionsObject({
  mode: z.enum(['buffered', 'strict']).default(HITS_DEFAULTS.mode),
  flushInterval: duration
    .refine((interval) => interval >= MIN_FLUSH && interval <= MAX_FLUSH, "expected from '10ms' to '1m'")
    .prefault(HITS_DEFAULTS.flushInterval),
  retention: duration.refine(atLeastOneDay, KEPT).prefault(HITS_DEFAULTS.retention),
  dailyRetention: duration.refine(atLeastOneDay, KEPT).prefault(HITS_DEFAULTS.dailyRetention),
  maxRoutes: names(HITS_DEFAULTS.maxRoutes),
  maxAgents: names(HITS_DEFAULTS.maxAgents),
  exclude: z
    .array(z.string().regex(/^\/[^?#*]*\*?$/, "expected a path such as '/health' or '/assets/*'"))
    .default([])
    .readonly(),
  storeDeadline: duration.prefault(HITS_DEFAULTS.storeDeadline),
}).refine(({ retention, dailyRetention }) => retention <= dailyRetention, {
  path: ['retention'],
  message: 'expected at most dailyRetention; raise dailyRetention',
});

/** @throws OptionsError */
export function resolveHitsOptions(options: HitsModuleOptions = {}): ResolvedHitsOptions {
  return parseOptions('HitsModule', hitsOptions, options);
}
