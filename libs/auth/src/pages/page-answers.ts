import { Inject, Injectable } from '@nestjs/common';
import { Clock, type ProblemException } from 'nest-gatehouse/common';
import { csrfToken } from 'nest-gatehouse/session/identity';
import { AuthPages, type AuthPage } from './auth-pages.js';
import { AUTH_EXTRAS, type AuthModuleExtras } from '../auth.tokens.js';
import { HttpAnswers } from '../http/http-answers.js';
import { pathWithQuery, userIdOf, type HttpRequest } from '../http/http-request.js';
import { signedInOf } from '../access/signed-in.js';
import { PAGE_RENDERER } from './page-renderer.provider.js';

/** Browsers count to 2 ** 31 milliseconds. */
const LONGEST_TIMER = 2_147_483;

/** Renders a page and answers with it: never kept by a cache, whatever it shows (OWASP ASVS 5.0, 14.3.2). */
@Injectable()
export class PageAnswers {
  constructor(
    private readonly answers: HttpAnswers,
    private readonly clock: Clock,
    @Inject(AUTH_EXTRAS) private readonly extras: Pick<AuthModuleExtras, 'paths'>,
    @Inject(PAGE_RENDERER) private readonly pages: AuthPages,
  ) {}

  /** @param problem why the form before was refused: its status is that of the page */
  async show(request: HttpRequest, response: object, page: AuthPage, problem?: ProblemException): Promise<string> {
    const html = await this.pages.render(page, {
      problem: problem?.problem ?? null,
      retryAfter: problem?.retryAfter ?? null,
      csrfToken: csrfToken(request.session),
      user: signedInOf(request)?.user ?? null,
      isSignedIn: userIdOf(request.session) !== null,
    });
    this.#closeInTime(request, response, page);
    const policy = this.pages.contentSecurityPolicy;
    if (policy !== null) this.answers.header(response, 'Content-Security-Policy', policy);
    this.answers.header(response, 'X-Content-Type-Options', 'nosniff');
    // Of use to no other site, as a window or as a part of a page (OWASP ASVS 5.0, 3.4.8, 3.5.8).
    this.answers.header(response, 'Cross-Origin-Opener-Policy', 'same-origin');
    this.answers.header(response, 'Cross-Origin-Resource-Policy', 'same-origin');
    // With `no-referrer` a form's Origin is `null`, and over plain HTTP there is nothing else to know our own forms by.
    this.answers.header(response, 'Referrer-Policy', 'same-origin');
    return this.answers.page(response, html, problem);
  }

  /**
   * What a page shows of a user goes when the session would be over had nobody done anything since: the browser leaves it by itself, without script and
   * also where the server is out of reach (OWASP ASVS 5.0, 14.3.1).
   */
  #closeInTime(request: HttpRequest, response: object, { name }: AuthPage): void {
    const session = signedInOf(request)?.session;
    if (!session) return;
    const now = this.clock.now();
    const end = Math.min(now + session.idleExpiresAt - session.lastSeenAt, session.absoluteExpiresAt);
    const seconds = Math.min(Math.max(0, Math.ceil((end - now) / 1_000)), LONGEST_TIMER);
    const { paths } = this.extras;
    const back = request.method === 'GET' ? pathWithQuery(request) : paths[name];
    this.answers.header(response, 'Refresh', `${seconds}; url=${paths.closed}?next=${encodeURIComponent(back)}`);
  }
}
