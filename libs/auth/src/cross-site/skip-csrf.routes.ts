import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { SKIP_CSRF } from '../access/access.decorators.js';

type Handler = (...args: unknown[]) => unknown;

/**
 * Where `@SkipCsrf()` handlers may be, prefixes and versions in front left open. It lets a request through the door and no further: the guard
 * asks the handler itself.
 */
@Injectable()
export class SkipCsrfRoutes implements OnApplicationBootstrap {
  readonly #patterns: RegExp[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    for (const { metatype } of this.discovery.getControllers()) {
      if (metatype) this.#add(metatype as { prototype: Record<string, Handler> } & Handler);
    }
  }

  mayBe(url: string): boolean {
    const path = url.split('?', 1)[0]!;
    return this.#patterns.some((pattern) => pattern.test(path));
  }

  #add(controller: { prototype: Record<string, Handler> } & Handler): void {
    for (const name of this.scanner.getAllMethodNames(controller.prototype)) {
      const handler = controller.prototype[name]!;
      if (!this.reflector.getAllAndOverride<boolean | undefined>(SKIP_CSRF, [handler, controller])) continue;
      for (const base of pathsOf(controller)) {
        for (const path of pathsOf(handler)) this.#patterns.push(endingIn(`${base}/${path}`));
      }
    }
  }
}

function pathsOf(target: object): string[] {
  const paths = Reflect.getMetadata(PATH_METADATA, target) as string | string[] | undefined;
  return [paths ?? ''].flat();
}

function endingIn(path: string): RegExp {
  const segments = path.split('/').filter((segment) => segment !== '');
  const pattern = segments.map((segment) => {
    if (/[*{]/.test(segment)) return '.*';
    return segment.includes(':') ? '[^/]+' : segment.replace(/[^\w-]/g, (sign) => `\\${sign}`);
  });
  return new RegExp(`(^|/)${pattern.join('/')}/?$`, 'i');
}
