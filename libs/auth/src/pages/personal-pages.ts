import { Injectable } from '@nestjs/common';
import { basePathOf, Clock, type ProblemException } from 'nest-gatehouse/common';
import { signedInOf } from '../access/signed-in.js';
import { HttpAnswers } from '../http/http-answers.js';
import { pathWithQuery, type HttpRequest } from '../http/http-request.js';
import { nextQuery } from '../http/safe-next.js';
import { RoutePaths } from '../http/route-paths.js';

/** The longest timer of browsers, 2 ** 31 milliseconds, in seconds. */
const MAX_TIMER_SECONDS = 2_147_483;

export interface PersonalAnswer {
  /** The `Content-Security-Policy`; null keeps the application's own header. */
  readonly policy: string | null;
  /** Why the page was refused; the answer gets its status. */
  readonly problem?: ProblemException;
  /** Where to return after a sign-in, if the page cannot be asked for again. */
  readonly back: string;
  /** Loads itself again after so many seconds, if that is before the session ends. Default: it does not. */
  readonly reloadAfter?: number;
}

/** Answers with pages that show somebody's data; none may be cached (OWASP ASVS 5.0, 14.3.2). */
@Injectable()
export class PersonalPages {
  constructor(
    private readonly answers: HttpAnswers,
    private readonly clock: Clock,
    private readonly routes: RoutePaths,
  ) {}

  /** @returns the page, for the handler to return */
  answer(request: HttpRequest, response: object, html: string, answer: PersonalAnswer): string {
    this.#closeInTime(request, response, answer);
    if (answer.policy !== null) this.answers.header(response, 'Content-Security-Policy', answer.policy);
    this.answers.header(response, 'X-Content-Type-Options', 'nosniff');
    // So that no other site can use the page in a window or embed it (OWASP ASVS 5.0, 3.4.8, 3.5.8).
    this.answers.header(response, 'Cross-Origin-Opener-Policy', 'same-origin');
    this.answers.header(response, 'Cross-Origin-Resource-Policy', 'same-origin');
    // With `no-referrer` a form's Origin is `null`, and over plain HTTP only the Origin identifies our own forms.
    this.answers.header(response, 'Referrer-Policy', 'same-origin');
    return this.answers.page(response, html, answer.problem);
  }

  /**
   * The browser leaves a user's page when the session would expire without further requests. It does so by itself,
   * without script, and also if the server cannot be reached (OWASP ASVS 5.0, 14.3.1).
   */
  #closeInTime(request: HttpRequest, response: object, { back, reloadAfter = Infinity }: PersonalAnswer): void {
    const session = signedInOf(request)?.session;
    if (!session) return;
    const now = this.clock.now();
    const end = Math.min(now + session.idleExpiresAt - session.lastSeenAt, session.absoluteExpiresAt);
    const seconds = Math.min(Math.max(0, Math.ceil((end - now) / 1_000)), MAX_TIMER_SECONDS);
    if (reloadAfter < seconds) return this.answers.header(response, 'Refresh', String(reloadAfter));
    const next = request.method === 'GET' ? pathWithQuery(request) : back;
    const closed = basePathOf(request) + this.routes.pages.closed + nextQuery(next);
    this.answers.header(response, 'Refresh', `${seconds}; url=${closed}`);
  }
}
