import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { carriesApiKey, CrossSitePolicy } from './cross-site.policy.js';
import { pathWithQuery, type HttpRequest } from './http-request.js';
import { crossSite } from './problems.js';
import { SkipCsrfRoutes } from './skip-csrf.routes.js';

type Next = (error?: unknown) => void;
type Middleware = (request: HttpRequest, response: unknown, next: Next) => void;

interface ExpressApplication {
  use(middleware: Middleware): unknown;
}

interface FastifyApplication {
  addHook(name: 'onRequest', hook: Middleware): unknown;
}

/**
 * Asks the cross-site rule at the door, before routing: guards never see what middleware answers, such as passport's own routes. Handlers are
 * guarded by `CrossSiteGuard`, whatever the address was.
 */
@Injectable()
export class CrossSiteBinding {
  constructor(host: HttpAdapterHost, policy: CrossSitePolicy, exceptions: SkipCsrfRoutes) {
    const adapter = host.httpAdapter as typeof host.httpAdapter | undefined;
    const door: Middleware = (request, _response, next) => {
      const refused =
        policy.refuses(request) && !carriesApiKey(request.headers) && !exceptions.mayBe(pathWithQuery(request));
      if (refused) next(crossSite());
      else next();
    };
    const type = adapter?.getType();
    if (type === 'express') adapter!.getInstance<ExpressApplication>().use(door);
    else if (type === 'fastify') adapter!.getInstance<FastifyApplication>().addHook('onRequest', door);
  }
}
