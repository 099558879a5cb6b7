import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { globalPathOf } from 'nest-gatehouse/common';
import type { AuthPaths } from '../auth.options.js';
import { AUTH_EXTRAS, type AuthModuleExtras } from '../auth.tokens.js';

/**
 * Where the application has the pages and forms, below its global prefix. These are paths as this server knows them:
 * what is sent to a browser has the base path of the proxy in front (see `basePathOf`).
 */
@Injectable()
export class RoutePaths {
  constructor(
    @Inject(AUTH_EXTRAS) private readonly extras: Pick<AuthModuleExtras, 'prefix' | 'paths'>,
    private readonly application: ApplicationConfig,
  ) {}

  get home(): string {
    return globalPathOf(this.application, '/');
  }

  get pages(): Required<AuthPaths> {
    const paths = Object.entries(this.extras.paths) as [keyof AuthPaths, string][];
    return Object.fromEntries(
      paths.map(([name, path]) => [name, globalPathOf(this.application, path)]),
    ) as Required<AuthPaths>;
  }

  /** @param path below the library's own prefix, with its parameters, such as `sessions/:handle/end` */
  form(path: string): string {
    return globalPathOf(this.application, `/${this.extras.prefix}/${path}`, { method: RequestMethod.POST });
  }
}
