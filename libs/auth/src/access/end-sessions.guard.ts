import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import { describeSession } from 'nest-gatehouse/session';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_EXTRAS, AUTH_OPTIONS, type AuthModuleExtras } from '../auth.tokens.js';
import { HttpAnswers } from '../http/http-answers.js';
import { isForm, visitorOf, type HttpRequest } from '../http/http-request.js';
import { RoutePaths } from '../http/route-paths.js';
import { recentAuthRequired } from '../auth.problems.js';

type EndRequest = HttpRequest & { readonly params: { readonly handle?: string } };

/**
 * On handlers that end the user's own sessions: requires a recent password if `endSessionsNeedRecentAuth` is set (OWASP
 * ASVS 5.0, 7.5.2).
 */
@Injectable()
export class EndSessionsGuard implements CanActivate {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    @Inject(AUTH_EXTRAS) private readonly extras: AuthModuleExtras,
    private readonly audit: AuditService,
    private readonly answers: HttpAnswers,
    private readonly routes: RoutePaths,
    private readonly clock: Clock,
  ) {}

  /** @throws 401 `recent_auth_required` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const within = this.options.endSessionsNeedRecentAuth;
    const request = context.switchToHttp().getRequest<EndRequest>();
    const info = describeSession(request.session);
    // If nobody is signed in, the guard before this one has refused. Ending the current session is always allowed.
    if (within === false || info === null || request.params.handle === info.handle) return true;
    const { authTime, userId } = info;
    if (authTime !== null && this.clock.now() - authTime <= within) return true;
    const detail = `${context.getClass().name}.${context.getHandler().name}`;
    await this.audit.record('access.recent_auth_required', { ...auditOriginOf(visitorOf(request)), userId, detail });
    throw this.#refusal(context, request);
  }

  /**
   * A form is redirected to the page that asks for the password, and from there to the list, where the user chooses
   * again.
   */
  #refusal(context: ExecutionContext, request: EndRequest) {
    const { reauthenticate, sessions } = this.routes.pages;
    if (!this.extras.pages || !isForm(request.headers)) return this.answers.refusal(context, recentAuthRequired());
    return this.answers.redirection(context, `${reauthenticate}?next=${encodeURIComponent(sessions)}`);
  }
}
