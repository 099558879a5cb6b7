import { OTHER, UNMATCHED, type AgentHits, type HitLimits, type HourOfHits, type RouteHits } from './hit-records.js';
import { sumAgents, sumRoutes } from './sums.js';

/** What is bounded: a route with its method, or a family with whether it is a bot. */
export function nameOfRoute({ method, route }: Pick<RouteHits, 'method' | 'route'>): string {
  return `${method} ${route}`;
}

export function nameOfAgent({ family, bot }: Pick<AgentHits, 'family' | 'bot'>): string {
  return `${bot ? 'bot' : 'people'} ${family}`;
}

/** The names of one day that are counted by name. */
export interface DayNames {
  readonly routes: ReadonlySet<string>;
  readonly agents: ReadonlySet<string>;
}

/** The names that the hours of a day have, in the order in which they are admitted. */
export function namesIn(hours: readonly HourOfHits[]): { routes: string[]; agents: string[] } {
  const routes = hours.flatMap((hour) => hour.routes).filter(({ route }) => needsRoom(route));
  const agents = hours.flatMap((hour) => hour.agents).filter(({ family }) => needsRoom(family));
  return { routes: unique(routes.map(nameOfRoute)), agents: unique(agents.map(nameOfAgent)) };
}

/** The names of a day after those of `hours` have come, as far as there is room. */
export function admitNames(before: DayNames, hours: readonly HourOfHits[], limits: HitLimits): DayNames {
  const { routes, agents } = namesIn(hours);
  return {
    routes: admit(before.routes, routes, limits.maxRoutes),
    agents: admit(before.agents, agents, limits.maxAgents),
  };
}

/** The same hours, with all names that were not admitted as `OTHER`. */
export function withNames(names: DayNames, hours: readonly HourOfHits[]): HourOfHits[] {
  return hours.map((hour) => ({
    ...hour,
    routes: sumRoutes(
      hour.routes.map((each) =>
        !needsRoom(each.route) || names.routes.has(nameOfRoute(each)) ? each : { ...each, route: OTHER },
      ),
    ),
    agents: sumAgents(
      hour.agents.map((each) =>
        !needsRoom(each.family) || names.agents.has(nameOfAgent(each)) ? each : { ...each, family: OTHER },
      ),
    ),
  }));
}

/** `UNMATCHED` and `OTHER` are always there. */
export function needsRoom(name: string): boolean {
  return name !== OTHER && name !== UNMATCHED;
}

function admit(names: Iterable<string>, more: Iterable<string>, most: number): Set<string> {
  const admitted = new Set(names);
  for (const name of more) if (admitted.size < most) admitted.add(name);
  return admitted;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
