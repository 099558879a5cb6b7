import { Injectable, RequestMethod, type Type } from '@nestjs/common';
import { MODULE_PATH, VERSION_METADATA } from '@nestjs/common/constants.js';
import { ApplicationConfig, HttpAdapterHost, ModulesContainer, Reflector } from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { HandlerRoutes, type HandlerRoute } from 'nest-gatehouse/common';
import { SKIP_HITS } from '../handlers/skip-hits.decorator.js';
import { UNMATCHED } from '../storage/hit-records.js';

const NOT_FOUND = 404;
const ANY_PATH = /^\/?\{?\*/;

type PathMetadata = Parameters<RoutePathFactory['create']>[0];

interface Normalizing {
  normalizePath?(path: string): string;
}

/** The routes of handlers under the paths that the platform knows, with global prefix, module path and version. */
@Injectable()
export class RegisteredRoutes {
  #names: ReadonlyMap<string, string> = new Map();
  #skipped: ReadonlySet<string> = new Set();

  constructor(
    private readonly handlers: HandlerRoutes,
    private readonly reflector: Reflector,
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly host: HttpAdapterHost,
  ) {}

  /** To be called once the routes are registered. */
  read(): void {
    const adapter = this.host.httpAdapter as Normalizing;
    const names = new Map<string, string>();
    const skipped = new Set<string>();
    for (const route of this.handlers.all()) {
      for (const path of this.#pathsOf(route)) {
        const pattern = adapter.normalizePath?.(path) ?? path;
        names.set(pattern, path);
        if (this.#skips(route)) for (const method of methodsOf(route.method)) skipped.add(`${method} ${pattern}`);
      }
    }
    this.#names = names;
    this.#skipped = skipped;
  }

  /**
   * The path as the decorators have it, so that both platforms say the same; `UNMATCHED` if no route has answered.
   * Express has middleware of Nest among its routes: it is the last that was found where no handler has the path.
   * @param pattern the platform's
   */
  nameOf(pattern: string | undefined, status: number): string {
    if (pattern === undefined) return UNMATCHED;
    const name = this.#names.get(pattern);
    if (name !== undefined) return name;
    return status === NOT_FOUND || ANY_PATH.test(pattern) ? UNMATCHED : pattern;
  }

  isSkipped(method: string, pattern: string): boolean {
    if (this.#skipped.size === 0) return false;
    return this.#skipped.has(`${method} ${pattern}`) || this.#skipped.has(`ALL ${pattern}`);
  }

  #skips({ handler, controller }: HandlerRoute): boolean {
    return this.reflector.getAllAndOverride<boolean | undefined>(SKIP_HITS, [handler, controller]) === true;
  }

  #pathsOf({ controller, module, handler, method, path }: HandlerRoute): string[] {
    const versioningOptions = this.config.getVersioning();
    const version = (target: object) => Reflect.getMetadata(VERSION_METADATA, target) as PathMetadata['methodVersion'];
    const metadata: PathMetadata = {
      methodPath: path,
      modulePath: module && this.#pathOfModule(module),
      globalPrefix: this.config.getGlobalPrefix(),
      controllerVersion: versioningOptions && (version(controller) ?? versioningOptions.defaultVersion),
      methodVersion: version(handler),
      versioningOptions,
    };
    return new RoutePathFactory(this.config).create(metadata, method);
  }

  /** Of `RouterModule`. */
  #pathOfModule(module: Type<object>): string | undefined {
    const ofApplication: unknown = Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, module);
    return (ofApplication ?? Reflect.getMetadata(MODULE_PATH, module)) as string | undefined;
  }
}

function methodsOf(method: RequestMethod): string[] {
  const name = RequestMethod[method];
  return name === 'GET' ? ['GET', 'HEAD'] : [name];
}
