import { Inject, Injectable } from '@nestjs/common';
import { basePathOf, type ProblemException } from 'nest-gatehouse/common';
import { csrfToken } from 'nest-gatehouse/session/identity';
import { AuthPages, type AuthPage } from './auth-pages.js';
import { userIdOf, type HttpRequest } from '../http/http-request.js';
import { RoutePaths } from '../http/route-paths.js';
import { signedInOf } from '../access/signed-in.js';
import { PersonalPages } from './personal-pages.js';
import { PAGE_RENDERER } from './page-renderer.provider.js';

/** Renders a page and answers with it. */
@Injectable()
export class PageAnswers {
  constructor(
    private readonly personal: PersonalPages,
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
    return this.personal.answer(request, response, html, {
      policy: this.pages.contentSecurityPolicy,
      problem,
      back: this.routes.pages[page.name],
    });
  }
}
