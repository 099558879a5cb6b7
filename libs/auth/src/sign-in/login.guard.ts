import { parseBody } from 'nest-gatehouse/common';
import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard as PassportGuard } from '@nestjs/passport';
import { ProblemException } from 'nest-gatehouse/common';
import { AuthService } from './auth.service.js';
import { HttpAnswers } from '../http/http-answers.js';
import { isForm, userIdOf, visitorOf, type HttpRequest } from '../http/http-request.js';
import { LOCAL_STRATEGY, type LocalStrategyOptions } from './local.strategy.js';
import { loginBody } from '../http/request-bodies.js';

const refusals = new WeakMap<object, ProblemException>();

/** Why the sign-in of this form was refused: its handler answers with the page again. */
export function loginRefusalOf(request: object): ProblemException | undefined {
  return refusals.get(request);
}

/** Signs in by passport's local strategy, the session included. passport's own session support takes no part in it. */
@Injectable()
export class LoginGuard extends PassportGuard(LOCAL_STRATEGY) {
  @Inject(AuthService) private readonly auth!: AuthService;
  @Inject(HttpAnswers) private readonly answers!: HttpAnswers;

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    try {
      const before = userIdOf(request.session);
      const isSignedIn = (await super.canActivate(context)) as boolean;
      // The session that was here is over; its user may have been another one.
      if (before !== null) this.answers.clearSiteData(context.switchToHttp().getResponse<object>());
      return isSignedIn;
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      if (!isForm(request.headers)) throw this.answers.refusal(context, error);
      refusals.set(request, error);
      return true;
    }
  }

  override getAuthenticateOptions(context: ExecutionContext): LocalStrategyOptions & { session: false } {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const { username, password, remember } = parseBody(loginBody, request.body);
    const verify: LocalStrategyOptions['verify'] = (credentials) =>
      this.auth.login(visitorOf(request), credentials, remember);
    return { credentials: { username, password }, verify, session: false };
  }
}
