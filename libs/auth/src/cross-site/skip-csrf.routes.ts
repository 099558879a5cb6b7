import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HandlerRoutes } from 'nest-gatehouse/common';
import { SKIP_CSRF } from '../access/access.decorators.js';
import { isOpened } from '../access/access-rule.js';

/**
 * The paths that `@SkipCsrf()` handlers may have, behind any prefix or version. A match only passes the check before
 * routing; `CrossSiteGuard` still asks the handler itself.
 */
@Injectable()
export class SkipCsrfRoutes implements OnApplicationBootstrap {
  #patterns: readonly RegExp[] = [];

  constructor(private readonly routes: HandlerRoutes) {}

  onApplicationBootstrap(): void {
    this.#patterns = this.routes
      .all()
      .filter(({ handler, controller }) => isOpened(SKIP_CSRF, handler, controller))
      .map(({ path }) => endingIn(path));
  }

  mayBe(url: string): boolean {
    const path = url.split('?', 1)[0]!;
    return this.#patterns.some((pattern) => pattern.test(path));
  }
}

/**
 * Matches more than the router's own pattern if that has wildcards: Nest accepts some patterns that path-to-regexp
 * refuses.
 */
function endingIn(path: string): RegExp {
  const segments = path.split('/').filter((segment) => segment !== '');
  const pattern = segments.map((segment) => {
    if (/[*{]/.test(segment)) return '.*';
    return segment.includes(':') ? '[^/]+' : segment.replace(/[^\w-]/g, (sign) => `\\${sign}`);
  });
  return new RegExp(`(^|/)${pattern.join('/')}/?$`, 'i');
}
