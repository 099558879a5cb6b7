import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ProblemException } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { seeOther } from '../auth.problems.js';

/** RFC 9110 wants a challenge with every 401. Browsers open no dialogue for a scheme that they do not know. */
const CHALLENGE = 'Session realm="gatehouse"';

/** What handlers and guards put on an answer, the same on both platforms. */
@Injectable()
export class HttpAnswers {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'clearSiteData'>,
  ) {}

  header(response: object, name: string, value: string): void {
    this.host.httpAdapter.setHeader(response, name, value);
  }

  /** What the handler returns is sent with this status. */
  status(response: object, status: number): void {
    this.host.httpAdapter.status(response, status);
  }

  /**
   * A user's session is over in this browser: it drops what it keeps of this site beside the cookies, so that whoever sits there next finds nothing
   * (OWASP ASVS 5.0, 14.3.1). Does nothing where `clearSiteData` is false.
   */
  clearSiteData(response: object): void {
    if (this.options.clearSiteData) this.header(response, 'Clear-Site-Data', '"cache", "storage"');
  }

  /** The same for guards. */
  clearSiteDataOf(context: ExecutionContext): void {
    if (context.getType() === 'http') this.clearSiteData(context.switchToHttp().getResponse<object>());
  }

  /** The handler's answer is a redirect after a form (RFC 9110, 15.4.4). */
  redirect(response: object, location: string): void {
    this.header(response, 'Location', location);
    this.status(response, 303);
  }

  /** The handler's answer is a page. */
  page(response: object, html: string, problem?: ProblemException): string {
    if (problem) this.dress(response, problem);
    this.header(response, 'Content-Type', 'text/html; charset=utf-8');
    this.header(response, 'Cache-Control', 'no-store');
    this.status(response, problem?.getStatus() ?? 200);
    return html;
  }

  /** Headers that belong to a refusal, whatever filter writes its body. @returns the problem, to be thrown */
  dress<P extends ProblemException>(response: object, problem: P): P {
    if (problem.getStatus() === 401) this.header(response, 'WWW-Authenticate', CHALLENGE);
    if (problem.retryAfter !== undefined) this.header(response, 'Retry-After', String(problem.retryAfter));
    return problem;
  }

  /** For guards. @returns what to throw */
  refusal(context: ExecutionContext, problem: ProblemException): ProblemException {
    return context.getType() === 'http' ? this.dress(context.switchToHttp().getResponse<object>(), problem) : problem;
  }

  /** For guards: any exception filter that keeps the status of an `HttpException` answers 303. @returns what to throw */
  redirection(context: ExecutionContext, location: string): ProblemException {
    this.header(context.switchToHttp().getResponse<object>(), 'Location', location);
    return seeOther();
  }
}
