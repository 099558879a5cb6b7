import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Clock, ProblemException } from 'nest-gatehouse/common';
import { isSessionMissing, requestOf, type Session } from 'nest-gatehouse/session';
import { readAccessRule, type AccessRule } from './access-rule.js';
import type { AuditType } from '../storage/audit-log.js';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import { AUTH_EXTRAS, type AuthModuleExtras } from '../auth.tokens.js';
import { HttpAnswers } from '../http/http-answers.js';
import { isForm, pathWithQuery, wantsPage, type HttpRequest } from '../http/http-request.js';
import { nextQuery } from '../http/safe-next.js';
import { RoutePaths } from '../http/route-paths.js';
import { forbidden, notSignedIn, passwordChangeRequired, recentAuthRequired } from '../auth.problems.js';
import { MicroserviceHandlers } from './microservice-handlers.js';
import { SignedInUsers, type SignedIn } from './signed-in.js';
import type { SignedInUser } from '../storage/user-record.js';

/**
 * On every handler: only signed-in users pass, unless its decorators say otherwise (OWASP ASVS 5.0, 8.2.1, 8.3.1,
 * 8.3.2).
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    @Inject(AUTH_EXTRAS) private readonly extras: AuthModuleExtras,
    private readonly reflector: Reflector,
    private readonly users: SignedInUsers,
    private readonly audit: AuditService,
    private readonly answers: HttpAnswers,
    private readonly routes: RoutePaths,
    private readonly microservices: MicroserviceHandlers,
    private readonly clock: Clock,
  ) {}

  /** @throws 401 `not_signed_in`, `recent_auth_required`, 403 `forbidden`, `password_change_required`, 503 */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = readAccessRule(this.reflector, context.getHandler(), context.getClass());
    if (rule.access === 'public') return true;
    const signedIn = await this.#find(context).catch((error: unknown) => {
      throw error instanceof ProblemException ? this.answers.refusal(context, error) : error;
    });
    if (signedIn) await this.#admit(context, rule, signedIn);
    else if (rule.access === 'required') {
      await this.#note('access.not_signed_in', context);
      throw this.#refuseStranger(context);
    }
    return true;
  }

  #refuseStranger(context: ExecutionContext): unknown {
    if (context.getType() === 'rpc') return this.answers.refusal(context, this.microservices.refuse(context));
    const { session } = requestOf(context) as { readonly session?: Session };
    if (isSessionMissing(session)) this.answers.clearSiteDataOf(context);
    return this.#redirectOr(context, this.routes.pages.login, notSignedIn());
  }

  async #find(context: ExecutionContext): Promise<SignedIn | undefined> {
    const request = requestOf(context) as { readonly session?: Session };
    const { session } = request;
    const signedIn = await this.users.find(request, session);
    // `find` has just ended the session, because of the account.
    if (session && !request.session) this.answers.clearSiteDataOf(context);
    return signedIn;
  }

  async #admit(context: ExecutionContext, rule: AccessRule, { user, session }: SignedIn): Promise<void> {
    if (user.mustChangePassword && !rule.isOpenWhilePasswordMustChange) {
      await this.#note('access.password_change_required', context, user);
      throw this.#redirectOr(context, this.routes.pages.password, passwordChangeRequired());
    }
    if (rule.access !== 'required') return;
    if (rule.roles.length > 0 && !rule.roles.some((role) => user.roles.includes(role))) {
      await this.#note('access.denied', context, user);
      throw this.answers.refusal(context, forbidden());
    }
    const isRecent =
      rule.recentAuth === null || (session.authTime !== null && this.clock.now() - session.authTime <= rule.recentAuth);
    if (!isRecent) {
      await this.#note('access.recent_auth_required', context, user);
      throw this.#redirectOr(context, this.routes.pages.reauthenticate, recentAuthRequired(), rule.isPageForm);
    }
  }

  /** Every failed authorisation is recorded (OWASP ASVS 5.0, 16.3.2). */
  #note(type: AuditType, context: ExecutionContext, user?: SignedInUser): Promise<void> {
    const detail = `${context.getClass().name}.${context.getHandler().name}`;
    const origin = auditOriginOf(requestOf(context));
    return this.audit.record(type, { ...origin, userId: user?.id ?? null, detail });
  }

  /**
   * A browser that asks for a page, or sends the form of one, is redirected to `path`, which returns to this address
   * afterwards.
   */
  #redirectOr(context: ExecutionContext, path: string, problem: ProblemException, isPageForm = false): unknown {
    if (this.extras.pages && context.getType() === 'http') {
      const request = context.switchToHttp().getRequest<HttpRequest>();
      if (wantsPage(request) || (isPageForm && isForm(request.headers)))
        return this.answers.redirection(context, path + nextQuery(pathWithQuery(request)));
    }
    return this.answers.refusal(context, problem);
  }
}
