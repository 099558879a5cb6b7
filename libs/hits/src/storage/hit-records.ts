/** Requests by how they were answered: the first digit of the status, or `aborted` if the client left before that. */
export const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'aborted'] as const;

export type StatusClass = (typeof STATUS_CLASSES)[number];
/** Only the classes that have any. */
export type StatusCounts = Readonly<Partial<Record<StatusClass, number>>>;

export interface HitCounts {
  readonly people: number;
  readonly bots: number;
}

/** The route of requests that no route has answered: the path is unknown, or middleware has answered by itself. */
export const UNMATCHED = '(unmatched)';
/** The name for all names beyond the bound of a day. */
export const OTHER = '(other)';

export interface RouteHits {
  readonly method: string;
  /** A pattern such as `/users/:id`, or `UNMATCHED`, or `OTHER`. */
  readonly route: string;
  readonly status: StatusCounts;
}

export interface AgentHits {
  readonly family: string;
  readonly bot: boolean;
  readonly total: number;
}

/** The hits of one hour. */
export interface HourOfHits extends HitCounts {
  /** When the hour began; milliseconds since the epoch, as all times here. */
  readonly start: number;
  readonly routes: readonly RouteHits[];
  readonly agents: readonly AgentHits[];
}

export interface SessionHits {
  readonly handle: string;
  readonly hits: number;
  /** When the session ends at the latest, and its count is forgotten. */
  readonly expiresAt: number;
}

export interface DayOfUniques {
  /** When the day began, in UTC. */
  readonly start: number;
  /** Sessions of people that were used on this day for the first time. */
  readonly uniques: number;
}

export interface HitLimits {
  /** Different routes, each with its method, that are kept by name for one day; the rest is `OTHER`. */
  readonly maxRoutes: number;
  /** Different families of agents that are kept by name for one day. */
  readonly maxAgents: number;
  /** How long an hour is kept, in milliseconds. */
  readonly retention: number;
  /** How long a day is kept, in milliseconds. */
  readonly dailyRetention: number;
}

/** What one process has counted since its last batch. */
export interface HitBatch {
  /** Names the process, and no other one ever. */
  readonly writer: string;
  /** 1 for the first batch of the process, and one more for each next. */
  readonly number: number;
  readonly at: number;
  readonly hours: readonly HourOfHits[];
  readonly days: readonly DayOfUniques[];
  readonly sessions: readonly SessionHits[];
  readonly limits: HitLimits;
}

export interface Bucket extends HitCounts {
  readonly start: number;
  /** Of days alone; 0 for hours. */
  readonly uniques: number;
}

export type Unit = 'hour' | 'day';

/** The buckets that begin from `from` on, and before `to`. */
export interface Span {
  readonly unit: Unit;
  readonly from: number;
  readonly to: number;
}
