import { Injectable, RequestMethod, type OnApplicationBootstrap } from '@nestjs/common';
import { HandlerRoutes } from 'nest-gatehouse/common';
import { match, type MatchFunction, type ParamData } from 'path-to-regexp';

interface Route {
  readonly matches: MatchFunction<ParamData>;
  readonly methods: readonly string[];
}

/** The methods that each path supports, to answer 405 instead of 404. */
@Injectable()
export class RouteTable implements OnApplicationBootstrap {
  #routes: readonly Route[] = [];

  constructor(private readonly handlers: HandlerRoutes) {}

  onApplicationBootstrap(): void {
    this.#routes = this.handlers.all().map(({ path, method }) => ({
      matches: match(path, { sensitive: true, trailing: false }),
      methods: methodsFor(method),
    }));
  }

  /** In upper case and sorted; empty if no route has this path. */
  methodsOf(path: string): readonly string[] {
    const methods = this.#routes.filter((route) => route.matches(path) !== false).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

function methodsFor(method: RequestMethod): readonly string[] {
  const name = RequestMethod[method];
  return name === 'GET' ? ['GET', 'HEAD'] : [name];
}
