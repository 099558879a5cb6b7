import { Injectable } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { carriesApiKey } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import { claimedOrigin, CrossSitePolicy } from './cross-site.policy.js';
import { pathWithQuery, type HttpRequest } from '../http/http-request.js';
import { crossSite } from '../auth.problems.js';
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
 * Applies the cross-site rule before routing, because guards never see what middleware answers, such as passport's own
 * routes. Handlers are guarded by `CrossSiteGuard` in addition, whatever their path is.
 */
@Injectable()
export class CrossSiteBinding {
  constructor(
    host: HttpAdapterHost,
    policy: CrossSitePolicy,
    exceptions: SkipCsrfRoutes,
    private readonly modules: ModuleRef,
  ) {
    const adapter = host.httpAdapter as typeof host.httpAdapter | undefined;
    const door: Middleware = (request, _response, next) => {
      const refused =
        policy.refuses(request) && !carriesApiKey(request.headers) && !exceptions.mayBe(pathWithQuery(request));
      if (!refused) return next();
      void this.#note(request);
      next(crossSite());
    };
    const type = adapter?.getType();
    if (type === 'express') adapter!.getInstance<ExpressApplication>().use(door);
    else if (type === 'fastify') adapter!.getInstance<FastifyApplication>().addHook('onRequest', door);
  }

  /**
   * This middleware may run before the session's own, and must not wait for a store. So both services are looked up
   * only when a request was refused, and the session is opened for the audit entry only. Never rejects.
   */
  async #note(request: HttpRequest): Promise<void> {
    const { ip, headers } = request;
    let origin = auditOriginOf(request);
    if (origin.handle === null) {
      const sessions = this.modules.get(SessionService, { strict: false });
      const session = await sessions.openFor({ ip, headers }).catch(() => undefined);
      origin = auditOriginOf({ session, ip, headers });
    }
    const note = { ...origin, userId: origin.actorId, detail: claimedOrigin(headers) };
    await this.modules.get(AuditService).record('cross_site.refused', note);
  }
}
