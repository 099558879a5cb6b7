import { RequestMethod, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';

/** What the path of a route depends on beside its decorators. */
export interface GlobalPathOptions {
  /** Default GET. */
  readonly method?: RequestMethod;
  /** Whether its controller is `VERSION_NEUTRAL`. Default false: it has the application's default version, if any. */
  readonly isNeutral?: boolean;
}

/**
 * Where the application serves a route: below its global prefix, unless that excludes the route, and with the default
 * version of URI versioning. To be called late, because `main.ts` sets both after the application is created.
 *
 * @param path as the decorators have it, such as `/users/:id`
 */
export function globalPathOf(
  application: ApplicationConfig,
  path: string,
  { method = RequestMethod.GET, isNeutral = false }: GlobalPathOptions = {},
): string {
  const prefix = application.getGlobalPrefix().replace(/^\/+|\/+$/g, '');
  const { exclude = [] } = application.getGlobalPrefixOptions();
  const isExcluded = exclude.some(
    ({ pathRegex, requestMethod }) =>
      (requestMethod === RequestMethod.ALL || requestMethod === method) && pathRegex.test(path),
  );
  const version = isNeutral ? '' : versionOf(application);
  const before = prefix === '' || isExcluded ? version : `/${prefix}${version}`;
  return path === '/' ? before || '/' : `${before}${path}`;
}

/** As it stands in the path of a controller that names no version, such as `/v1`. */
function versionOf(application: ApplicationConfig): string {
  const versioning = application.getVersioning();
  if (versioning?.type !== VersioningType.URI) return '';
  const [version] = [versioning.defaultVersion ?? VERSION_NEUTRAL].flat();
  const { prefix = 'v' } = versioning;
  return version === VERSION_NEUTRAL ? '' : `/${prefix === false ? '' : prefix}${String(version)}`;
}
