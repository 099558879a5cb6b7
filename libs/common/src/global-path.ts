import { RequestMethod } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

/**
 * A route's path below the application's global prefix, unless that excludes it. To be called late, because `main.ts`
 * sets the prefix after the application is created.
 *
 * @param path as the decorators have it, such as `/users/:id`
 */
export function globalPathOf(
  application: ApplicationConfig,
  path: string,
  method: RequestMethod = RequestMethod.GET,
): string {
  const prefix = application.getGlobalPrefix().replace(/^\/+|\/+$/g, '');
  const { exclude = [] } = application.getGlobalPrefixOptions();
  const isExcluded = exclude.some(
    ({ pathRegex, requestMethod }) =>
      (requestMethod === RequestMethod.ALL || requestMethod === method) && pathRegex.test(path),
  );
  if (prefix === '' || isExcluded) return path;
  return path === '/' ? `/${prefix}` : `/${prefix}${path}`;
}
