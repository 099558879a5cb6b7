import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import { describeSession } from 'nest-gatehouse/session';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_EXTRAS, AUTH_OPTIONS, type AuthModuleExtras } from '../auth.tokens.js';
import { HttpAnswers } from '../http/http-answers.js';
import { isForm, visitorOf, type HttpRequest } from '../http/http-request.js';
import { recentAuthRequired } from '../auth.problems.js';

type EndRequest = HttpRequest & { readonly params: { readonly handle?: string } };

/** On whatever ends the user's own sessions: a recent password, where `endSessionsNeedRecentAuth` wants one (OWASP ASVS 5.0, 7.5.2). */
@Injectable()
export class EndSessionsGuard implements CanActivate {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    @Inject(AUTH_EXTRAS) private readonly extras: AuthModuleExtras,
    private readonly audit: AuditService,
    private readonly answers: HttpAnswers,
    private readonly clock: Clock,
  ) {}

  /** @throws 401 `recent_auth_required` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const within = this.options.endSessionsNeedRecentAuth;
    const request = context.switchToHttp().getRequest<EndRequest>();
    const info = describeSession(request.session);
    // Without a sign-in the guard before this one has spoken. Signing oneself out here is always open.
    if (within === false || info === null || request.params.handle === info.handle) return true;
    const { authTime, userId } = info;
    if (authTime !== null && this.clock.now() - authTime <= within) return true;
    const detail = `${context.getClass().name}.${context.getHandler().name}`;
    await this.audit.record('access.recent_auth_required', { ...auditOriginOf(visitorOf(request)), userId, detail });
    throw this.#refusal(context, request);
  }

  /** A form goes to the page that asks for the password, and from there back to the list: what it wanted to end is chosen again. */
  #refusal(context: ExecutionContext, request: EndRequest) {
    const { reauthenticate, sessions } = this.options.paths;
    if (!this.extras.pages || !isForm(request.headers)) return this.answers.refusal(context, recentAuthRequired());
    return this.answers.redirection(context, `${reauthenticate}?next=${encodeURIComponent(sessions)}`);
  }
}
