import { Injectable, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';

type Handler = (...args: unknown[]) => unknown;

/** A method of a controller that answers requests. */
export interface HandlerRoute {
  readonly controller: Type<object>;
  /** The module that the controller belongs to. */
  readonly module: Type<object> | undefined;
  readonly handler: Handler;
  readonly method: RequestMethod;
  /**
   * The path from the decorators, with parameters and wildcards, such as `/users/:id`; without global prefix and
   * version.
   */
  readonly path: string;
}

/** Every route of the application's controllers. */
@Injectable()
export class HandlerRoutes {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** Complete from `onApplicationBootstrap` on. */
  all(): HandlerRoute[] {
    return this.discovery
      .getControllers()
      .flatMap(({ metatype, host }) =>
        metatype ? this.#routesOf(metatype as Type<object>, host?.metatype as Type<object> | undefined) : [],
      );
  }

  #routesOf(controller: Type<object>, module: Type<object> | undefined): HandlerRoute[] {
    const prototype = controller.prototype as Readonly<Record<string, Handler>>;
    return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
      const handler = prototype[name]!;
      const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (method === undefined) return [];
      return pathsOf(controller).flatMap((base) =>
        pathsOf(handler).map((path) => ({ controller, module, handler, method, path: joinPaths(base, path) })),
      );
    });
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
