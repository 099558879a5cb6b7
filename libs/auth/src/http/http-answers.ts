import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { basePathOf, type ProblemException, withBasePath } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { refusalFor } from 'nest-gatehouse/session/sockets';
import { seeOther } from '../auth.problems.js';

/** RFC 9110 requires a challenge with every 401. Browsers open no dialogue for an unknown scheme. */
const CHALLENGE = 'Session realm="gatehouse"';

/** What handlers and guards set on an answer, the same on both platforms. */
@Injectable()
export class HttpAnswers {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'clearSiteData'>,
  ) {}

  header(response: object, name: string, value: string): void {
    this.host.httpAdapter.setHeader(response, name, value);
  }

  /** Sends what the handler returns with this status. */
  status(response: object, status: number): void {
    this.host.httpAdapter.status(response, status);
  }

  /**
   * For an answer that ends a user's session: the browser drops what it keeps of this site beside the cookies, so that
   * the next person at this computer finds nothing (OWASP ASVS 5.0, 14.3.1). Does nothing if `clearSiteData` is false.
   */
  clearSiteData(response: object): void {
    if (this.options.clearSiteData) this.header(response, 'Clear-Site-Data', '"cache", "storage"');
  }

  /** As `clearSiteData`, for guards. */
  clearSiteDataOf(context: ExecutionContext): void {
    if (context.getType() === 'http') this.clearSiteData(context.switchToHttp().getResponse<object>());
  }

  /**
   * Tells the client where something is. A path of the application's own gets the base path of the proxy in front (see
   * `basePathOf`).
   */
  location(request: object, response: object, location: string): void {
    this.header(response, 'Location', withBasePath(basePathOf(request), location));
  }

  /** Makes the handler's answer a redirect after a form (RFC 9110, 15.4.4), as `location`. */
  redirect(request: object, response: object, location: string): void {
    this.location(request, response, location);
    this.status(response, 303);
  }

  /** Makes the handler's answer a page. @returns the page, for the handler to return */
  page(response: object, html: string, problem?: ProblemException): string {
    if (problem) this.dress(response, problem);
    this.header(response, 'Content-Type', 'text/html; charset=utf-8');
    this.header(response, 'Cache-Control', 'no-store');
    this.status(response, problem?.getStatus() ?? 200);
    return html;
  }

  /** Sets the headers of a refusal, whatever filter writes its body. @returns the problem, to be thrown */
  dress<P extends ProblemException>(response: object, problem: P): P {
    if (problem.getStatus() === 401) this.header(response, 'WWW-Authenticate', CHALLENGE);
    if (problem.retryAfter !== undefined) this.header(response, 'Retry-After', String(problem.retryAfter));
    return problem;
  }

  /** For guards. @returns what to throw */
  refusal(context: ExecutionContext, problem: ProblemException): unknown {
    if (context.getType() !== 'http') return refusalFor(context, problem);
    return this.dress(context.switchToHttp().getResponse<object>(), problem);
  }

  /**
   *  For guards, as `location`: any exception filter that keeps the status of an `HttpException` answers 303. @returns
   *  what to throw
   */
  redirection(context: ExecutionContext, location: string): ProblemException {
    const http = context.switchToHttp();
    this.location(http.getRequest<object>(), http.getResponse<object>(), location);
    return seeOther();
  }
}
