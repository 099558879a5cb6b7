import { Injectable, RequestMethod, type OnApplicationBootstrap } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { match, type MatchFunction, type ParamData } from 'path-to-regexp';

interface Route {
  readonly matches: MatchFunction<ParamData>;
  readonly methods: readonly string[];
}

type Handler = (...args: unknown[]) => unknown;

/** Which methods an address answers to: what tells 405 from 404. */
@Injectable()
export class RouteTable implements OnApplicationBootstrap {
  readonly #routes: Route[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onApplicationBootstrap(): void {
    for (const { metatype } of this.discovery.getControllers()) {
      if (metatype) this.#addController(metatype);
    }
  }

  /** In upper case and sorted; none where there is nothing at this address. */
  methodsOf(path: string): readonly string[] {
    const methods = this.#routes.filter((route) => route.matches(path) !== false).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }

  #addController(controller: { name: string; prototype?: object }): void {
    const prototype = controller.prototype as Record<string, Handler>;
    for (const name of this.scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name]!;
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (method === undefined) continue;
      for (const base of pathsOf(controller)) {
        for (const path of pathsOf(handler)) {
          this.#routes.push({
            matches: match(joinPaths(base, path), { sensitive: true, trailing: false }),
            methods: methodsFor(method),
          });
        }
      }
    }
  }
}

function pathsOf(target: object): string[] {
  const paths = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return [paths ?? '/'].flat();
}

function joinPaths(...paths: string[]): string {
  const parts = paths.map((path) => path.replace(/^\/+|\/+$/g, '')).filter((path) => path !== '');
  return `/${parts.join('/')}`;
}

function methodsFor(method: RequestMethod): readonly string[] {
  const name = RequestMethod[method];
  return name === 'GET' ? ['GET', 'HEAD'] : [name];
}
