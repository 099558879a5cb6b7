import { otherAgent, type Agent } from './agent-classes.js';
import {
  OTHER,
  STATUS_CLASSES,
  UNMATCHED,
  type DayOfUniques,
  type HitCounts,
  type HitLimits,
  type HourOfHits,
  type RouteHits,
  type SessionHits,
  type StatusCounts,
} from '../storage/hit-records.js';
import { HOUR } from '../storage/time-units.js';
import { RouteTotals, type RouteTotal } from './route-totals.js';

/** One request that is over. */
export interface Hit {
  readonly at: number;
  readonly method: string;
  readonly route: string;
  /** The first digit of the status; 0 if the client left before the answer began. */
  readonly digit: number;
  readonly agent: Agent;
  readonly session: { readonly handle: string; readonly absoluteExpiresAt: number } | null;
}

/** What has been counted and not written yet. */
export interface Counted {
  readonly hours: readonly HourOfHits[];
  readonly days: readonly DayOfUniques[];
  readonly sessions: readonly SessionHits[];
}

interface CountedAgent {
  readonly agent: Agent;
  total: number;
}

interface CountedSession {
  hits: number;
  expiresAt: number;
}

/** By the first digit of the status, with those that were aborted at 0. */
type Digits = [number, number, number, number, number, number];

/** So that a store that fails for long costs no more memory: beyond it sessions are not counted one by one. */
const MAX_SESSIONS = 100_000;
const OTHERS = { people: otherAgent(false), bots: otherAgent(true) };

class OpenHour {
  people = 0;
  bots = 0;
  readonly agents = new Map<string, CountedAgent>();
  readonly #routes = new Map<string, Map<string, Digits>>();
  #routeCount = 0;

  constructor(
    readonly start: number,
    private readonly limits: HitLimits,
  ) {}

  add({ method, route, digit, agent }: Hit): void {
    if (agent.bot) this.bots++;
    else this.people++;
    this.#digits(route, method)[digit]!++;
    const counted = this.agents.get(agent.name) ?? this.#newAgent(agent);
    counted.total++;
  }

  #digits(route: string, method: string): Digits {
    return this.#routes.get(route)?.get(method) ?? this.#newRoute(route, method);
  }

  #newRoute(route: string, method: string): Digits {
    const needsRoom = route !== UNMATCHED && route !== OTHER;
    if (needsRoom && this.#routeCount >= this.limits.maxRoutes) return this.#digits(OTHER, method);
    if (needsRoom) this.#routeCount++;
    const digits: Digits = [0, 0, 0, 0, 0, 0];
    const methods = this.#routes.get(route) ?? new Map<string, Digits>();
    this.#routes.set(route, methods.set(method, digits));
    return digits;
  }

  #newAgent(agent: Agent): CountedAgent {
    const isFull = agent.family !== OTHER && this.agents.size >= this.limits.maxAgents;
    const shown = isFull ? (agent.bot ? OTHERS.bots : OTHERS.people) : agent;
    const counted = this.agents.get(shown.name) ?? { agent: shown, total: 0 };
    this.agents.set(shown.name, counted);
    return counted;
  }

  close(): HourOfHits {
    const routes: RouteHits[] = [...this.#routes].flatMap(([route, methods]) =>
      [...methods].map(([method, digits]) => ({ method, route, status: statusOf(digits) })),
    );
    const agents = [...this.agents.values()].map(({ agent: { family, bot }, total }) => ({ family, bot, total }));
    return { start: this.start, people: this.people, bots: this.bots, routes, agents };
  }
}

/** Counts in memory, bounded whatever comes. Called once for each request, so it makes nothing new for one it knows. */
export class HitBuffer {
  #hours = new Map<number, OpenHour>();
  #current: OpenHour | undefined;
  #uniques = new Map<number, number>();
  #sessions = new Map<string, CountedSession>();

  readonly #totals: RouteTotals;

  constructor(private readonly limits: HitLimits) {
    this.#totals = new RouteTotals(limits.maxRoutes);
  }

  get isEmpty(): boolean {
    return this.#hours.size === 0 && this.#uniques.size === 0;
  }

  get counts(): HitCounts {
    let [people, bots] = [0, 0];
    for (const hour of this.#hours.values()) {
      people += hour.people;
      bots += hour.bots;
    }
    return { people, bots };
  }

  add(hit: Hit): void {
    const { at, session } = hit;
    const current = this.#current;
    if (current !== undefined && at >= current.start && at < current.start + HOUR) current.add(hit);
    else this.#hourOf(at).add(hit);
    if (session !== null) this.#addSession(session.handle, session.absoluteExpiresAt);
  }

  /** @param day when it began */
  addUnique(day: number): void {
    this.#uniques.set(day, (this.#uniques.get(day) ?? 0) + 1);
  }

  ofSession(handle: string): number {
    return this.#sessions.get(handle)?.hits ?? 0;
  }

  /** All that was ever counted here, by route. */
  routeTotals(): readonly RouteTotal[] {
    return this.#totals.including([...this.#hours.values()].flatMap((hour) => hour.close().routes));
  }

  /** What was counted since the last call; null if nothing. */
  take(): Counted | null {
    if (this.isEmpty) return null;
    const taken = {
      hours: [...this.#hours.values()].map((hour) => hour.close()),
      days: [...this.#uniques].map(([start, uniques]) => ({ start, uniques })),
      sessions: [...this.#sessions].map(([handle, counted]) => ({ handle, ...counted })),
    };
    this.#totals.add(taken.hours.flatMap(({ routes }) => routes));
    this.#hours = new Map();
    this.#current = undefined;
    this.#uniques = new Map();
    this.#sessions = new Map();
    return taken;
  }

  #hourOf(at: number): OpenHour {
    const start = Math.floor(at / HOUR) * HOUR;
    this.#current = this.#hours.get(start) ?? new OpenHour(start, this.limits);
    this.#hours.set(start, this.#current);
    return this.#current;
  }

  #addSession(handle: string, expiresAt: number): void {
    const counted = this.#sessions.get(handle);
    if (counted === undefined) {
      if (this.#sessions.size < MAX_SESSIONS) this.#sessions.set(handle, { hits: 1, expiresAt });
      return;
    }
    counted.hits++;
    if (expiresAt > counted.expiresAt) counted.expiresAt = expiresAt;
  }
}

function statusOf(digits: Digits): StatusCounts {
  const counts = digits.map((count, digit) => [digit === 0 ? 'aborted' : STATUS_CLASSES[digit - 1], count] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0)) as StatusCounts;
}
