import { Inject, Injectable } from '@nestjs/common';
import { basePathOf, Clock, type ProblemException } from 'nest-gatehouse/common';
import { csrfToken } from 'nest-gatehouse/session/identity';
import { AuthPages, type AuthPage } from './auth-pages.js';
import { HttpAnswers } from '../http/http-answers.js';
import { pathWithQuery, userIdOf, type HttpRequest } from '../http/http-request.js';
import { RoutePaths } from '../http/route-paths.js';
import { signedInOf } from '../access/signed-in.js';
import { PAGE_RENDERER } from './page-renderer.provider.js';

/** The longest timer of browsers, 2 ** 31 milliseconds, in seconds. */
const MAX_TIMER_SECONDS = 2_147_483;

/** Renders a page and answers with it; no page may be cached (OWASP ASVS 5.0, 14.3.2). */
@Injectable()
export class PageAnswers {
  constructor(
    private readonly answers: HttpAnswers,
    private readonly clock: Clock,
    private readonly routes: RoutePaths,
    @Inject(PAGE_RENDERER) private readonly pages: AuthPages,
  ) {}

  /** @param problem why the previous form was refused; the page gets its status */
  async show(request: HttpRequest, response: object, page: AuthPage, problem?: ProblemException): Promise<string> {
    const html = await this.pages.render(page, {
      problem: problem?.problem ?? null,
      retryAfter: problem?.retryAfter ?? null,
      csrfToken: csrfToken(request.session),
      user: signedInOf(request)?.user ?? null,
      basePath: basePathOf(request),
      isSignedIn: userIdOf(request.session) !== null,
    });
    this.#closeInTime(request, response, page);
    const policy = this.pages.contentSecurityPolicy;
    if (policy !== null) this.answers.header(response, 'Content-Security-Policy', policy);
    this.answers.header(response, 'X-Content-Type-Options', 'nosniff');
    // So that no other site can use the page in a window or embed it (OWASP ASVS 5.0, 3.4.8, 3.5.8).
    this.answers.header(response, 'Cross-Origin-Opener-Policy', 'same-origin');
    this.answers.header(response, 'Cross-Origin-Resource-Policy', 'same-origin');
    // With `no-referrer` a form's Origin is `null`, and over plain HTTP only the Origin identifies our own forms.
    this.answers.header(response, 'Referrer-Policy', 'same-origin');
    return this.answers.page(response, html, problem);
  }

  /**
   * The browser leaves a user's page when the session would expire without further requests. It does so by itself,
   * without script, and also if the server cannot be reached (OWASP ASVS 5.0, 14.3.1).
   */
  #closeInTime(request: HttpRequest, response: object, { name }: AuthPage): void {
    const session = signedInOf(request)?.session;
    if (!session) return;
    const now = this.clock.now();
    const end = Math.min(now + session.idleExpiresAt - session.lastSeenAt, session.absoluteExpiresAt);
    const seconds = Math.min(Math.max(0, Math.ceil((end - now) / 1_000)), MAX_TIMER_SECONDS);
    const { pages } = this.routes;
    const back = request.method === 'GET' ? pathWithQuery(request) : pages[name];
    const closed = `${basePathOf(request)}${pages.closed}?next=${encodeURIComponent(back)}`;
    this.answers.header(response, 'Refresh', `${seconds}; url=${closed}`);
  }
}
