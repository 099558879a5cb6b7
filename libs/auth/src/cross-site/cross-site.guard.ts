import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { ProblemException } from 'nest-gatehouse/common';
import { requestOf } from 'nest-gatehouse/session';
import { isCsrfToken } from 'nest-gatehouse/session/identity';
import { messageOf, refusalFor } from 'nest-gatehouse/session/sockets';
import { SKIP_CSRF } from '../access/access.decorators.js';
import { isOpened } from '../access/access-rule.js';
import type { AuditType } from '../storage/audit-log.js';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import { claimedOrigin, CrossSitePolicy, isByKeyAlone } from './cross-site.policy.js';
import { bodyField, changesState, isForm, mediaType, userIdOf, type HttpRequest } from '../http/http-request.js';
import { crossSite, csrfTokenWrong, plainTextForm } from '../auth.problems.js';

const TOKEN_FIELD = '_csrf';
/** For a body that is read only after the guards, such as an upload. */
const TOKEN_HEADER = 'x-csrf-token';

/** Runs on every handler, before any other guard: no page of another site may change state (OWASP ASVS 5.0, 3.5.1). */
@Injectable()
export class CrossSiteGuard implements CanActivate {
  constructor(
    private readonly policy: CrossSitePolicy,
    private readonly audit: AuditService,
  ) {}

  /** @throws 403 `cross_site`, `csrf_token`, 415 `unsupported_media_type` */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context) as Partial<HttpRequest>;
    if (messageOf(context)) return this.#admitMessage(context, request);
    if (!isHttpRequest(request) || !changesState(request)) return true;
    if (isOpened(SKIP_CSRF, context.getHandler(), context.getClass())) return true;
    if (isByKeyAlone(request)) return true;
    if (this.policy.refuses(request))
      return this.#refuse('cross_site.refused', request, claimedOrigin(request.headers), crossSite());
    return this.#requireFormToken(request);
  }

  /** The upgrade has been checked, but whose session comes beside an API key is known only now. */
  #admitMessage(context: ExecutionContext, request: Partial<HttpRequest>): true {
    try {
      if (this.policy.refusesSocket(request as HttpRequest)) throw crossSite();
      return true;
    } catch (error) {
      throw refusalFor(context, error);
    }
  }

  #requireFormToken(request: HttpRequest): boolean | Promise<boolean> {
    const isText = mediaType(request.headers) === 'text/plain';
    if (!isText && !isForm(request.headers)) return true;
    const { session, body } = request;
    if (this.policy.canBeForged && userIdOf(session) !== null) {
      if (isText) return this.#refuse('csrf.refused', request, 'text/plain', plainTextForm());
      const token = bodyField(body, TOKEN_FIELD) ?? request.headers[TOKEN_HEADER];
      if (!isCsrfToken(session, token))
        return this.#refuse('csrf.refused', request, token === undefined ? 'missing' : 'wrong', csrfTokenWrong());
    }
    // The token has been checked; it is removed so that the handler's schema need not know it.
    if (bodyField(body, TOKEN_FIELD) !== undefined) delete (body as Record<string, unknown>)[TOKEN_FIELD];
    return true;
  }

  async #refuse(type: AuditType, request: HttpRequest, detail: string, problem: ProblemException): Promise<never> {
    const origin = auditOriginOf(request);
    await this.audit.record(type, { ...origin, userId: origin.actorId, detail });
    throw problem;
  }
}

function isHttpRequest(request: Partial<HttpRequest>): request is HttpRequest {
  return typeof request.method === 'string' && request.headers !== undefined;
}
