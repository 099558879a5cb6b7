import { Inject, Injectable } from '@nestjs/common';
import { csrfToken, type ProblemException } from 'nest-gatehouse/session';
import { AuthPages, type AuthPage } from '../auth-pages.js';
import { HttpAnswers } from '../http-answers.js';
import type { HttpRequest } from '../http-request.js';
import { signedInOf } from '../signed-in.js';
import { PAGE_RENDERER } from './page-renderer.provider.js';

/** Renders a page and answers with it: never kept by a cache, whatever it shows (OWASP ASVS 5.0, 14.3.2). */
@Injectable()
export class PageAnswers {
  constructor(
    private readonly answers: HttpAnswers,
    @Inject(PAGE_RENDERER) private readonly pages: AuthPages,
  ) {}

  /** @param problem why the form before was refused: its status is that of the page */
  async show(request: HttpRequest, response: object, page: AuthPage, problem?: ProblemException): Promise<string> {
    const html = await this.pages.render(page, {
      problem: problem?.problem ?? null,
      retryAfter: problem?.retryAfter ?? null,
      csrfToken: csrfToken(request.session),
      user: signedInOf(request)?.user ?? null,
    });
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
}
