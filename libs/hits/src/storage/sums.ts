import type { AgentHits, HitCounts, HourOfHits, RouteHits, StatusClass, StatusCounts } from './hit-records.js';
import { startOf } from './time-units.js';

export function addStatus(to: Partial<Record<StatusClass, number>>, more: StatusCounts): void {
  for (const [name, count] of Object.entries(more) as [StatusClass, number][]) to[name] = (to[name] ?? 0) + count;
}

export function totalOf(status: StatusCounts): number {
  return Object.values(status).reduce((sum, count) => sum + count, 0);
}

/** One entry for each method and route. */
export function sumRoutes(routes: Iterable<RouteHits>): RouteHits[] {
  const sums = new Map<string, { method: string; route: string; status: Partial<Record<StatusClass, number>> }>();
  for (const { method, route, status } of routes) {
    const key = `${method} ${route}`;
    const sum = sums.get(key) ?? { method, route, status: {} };
    sums.set(key, sum);
    addStatus(sum.status, status);
  }
  return [...sums.values()];
}

/** One entry for each family, its bots apart. */
export function sumAgents(agents: Iterable<AgentHits>): AgentHits[] {
  const sums = new Map<string, { family: string; bot: boolean; total: number }>();
  for (const { family, bot, total } of agents) {
    const key = `${bot} ${family}`;
    const sum = sums.get(key) ?? { family, bot, total: 0 };
    sums.set(key, sum);
    sum.total += total;
  }
  return [...sums.values()];
}

export function sumCounts(counts: Iterable<HitCounts>): HitCounts {
  let [people, bots] = [0, 0];
  for (const each of counts) {
    people += each.people;
    bots += each.bots;
  }
  return { people, bots };
}

/** The hours of each day. */
export function byDay(hours: readonly HourOfHits[]): Map<number, HourOfHits[]> {
  const days = new Map<number, HourOfHits[]>();
  for (const hour of hours) {
    const day = startOf('day', hour.start);
    days.set(day, [...(days.get(day) ?? []), hour]);
  }
  return days;
}
