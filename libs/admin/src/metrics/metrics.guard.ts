import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuditService, signedInOf } from 'nest-gatehouse/auth';
import { auditOriginOf, HttpAnswers, type HttpRequest } from 'nest-gatehouse/auth/http';
import { ProblemException } from 'nest-gatehouse/common';
import { MetricsAccess, metricsTokenInvalid } from './metrics-access.js';

const ADMIN = 'admin';
const DETAIL = 'MetricsController.read';

/** Admits scrapers by their token, and users with the role `admin`. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(
    private readonly access: MetricsAccess,
    private readonly audit: AuditService,
    private readonly answers: HttpAnswers,
  ) {}

  /** @throws 401 `not_signed_in`, `metrics_token_invalid`, 403 `forbidden` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const verdict = this.access.check(request.headers.authorization);
    if (verdict === 'right') return true;
    const user = signedInOf(request)?.user;
    if (verdict === 'absent' && user?.roles.includes(ADMIN)) return true;
    const isUser = verdict === 'absent' && user !== undefined;
    await this.audit.record(isUser ? 'access.denied' : 'access.not_signed_in', {
      ...auditOriginOf(request),
      userId: user?.id ?? null,
      detail: DETAIL,
    });
    throw this.answers.refusal(
      context,
      isUser ? forbidden() : verdict === 'wrong' ? metricsTokenInvalid() : notSignedIn(),
    );
  }
}

function notSignedIn(): ProblemException {
  return new ProblemException(401, 'not_signed_in', 'This needs a sign-in, or the token of the metrics.');
}

function forbidden(): ProblemException {
  return new ProblemException(403, 'forbidden', 'This account may not do this.');
}
