import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuditService } from 'nest-gatehouse/auth';
import { auditOriginOf, HttpAnswers, type HttpRequest, recentAuthRequired, visitorOf } from 'nest-gatehouse/auth/http';
import { Clock, duration } from 'nest-gatehouse/common';
import { describeSession } from 'nest-gatehouse/session';
import { RECENT } from './administrator.js';

const WITHIN = duration.parse(RECENT);

/** As `@RequireRecentAuth`, but a body with `"dryRun": true` changes nothing and needs no recent password. */
@Injectable()
export class RecentUnlessDryRun implements CanActivate {
  constructor(
    private readonly audit: AuditService,
    private readonly answers: HttpAnswers,
    private readonly clock: Clock,
  ) {}

  /** @throws 401 `recent_auth_required` */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    if ((request.body as { dryRun?: unknown } | undefined)?.dryRun === true) return true;
    const info = describeSession(request.session);
    const authTime = info?.authTime ?? null;
    if (authTime !== null && this.clock.now() - authTime <= WITHIN) return true;
    const detail = `${context.getClass().name}.${context.getHandler().name}`;
    const origin = auditOriginOf(visitorOf(request));
    await this.audit.record('access.recent_auth_required', { ...origin, userId: info?.userId ?? null, detail });
    throw this.answers.refusal(context, recentAuthRequired());
  }
}
