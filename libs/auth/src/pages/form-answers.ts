import { Inject, Injectable } from '@nestjs/common';
import { basePathOf, ProblemException } from 'nest-gatehouse/common';
import { AUTH_EXTRAS, type AuthModuleExtras } from '../auth.tokens.js';
import type { AuthPage } from './auth-pages.js';
import { HttpAnswers } from '../http/http-answers.js';
import { bodyField, isForm, ownOrigin, type HttpRequest } from '../http/http-request.js';
import { PageAnswers } from './page-answers.js';
import { RoutePaths } from '../http/route-paths.js';
import { safeNext } from '../http/safe-next.js';

/** Answers a form: 303 if it succeeded, otherwise its page again. */
@Injectable()
export class FormAnswers {
  constructor(
    @Inject(AUTH_EXTRAS) private readonly extras: AuthModuleExtras,
    private readonly answers: HttpAnswers,
    private readonly routes: RoutePaths,
    private readonly pages: PageAnswers,
  ) {}

  /** The safe `next` of the form's body or query; else `fallback`, which is the home page unless given. */
  nextOf(request: HttpRequest, fallback = this.routes.home): string {
    const next = bodyField(request.body, 'next') ?? bodyField(request.query, 'next');
    return safeNext(next, ownOrigin(request), fallback, basePathOf(request));
  }

  /** Answers 303 for a form, the status `otherwise` for the rest. */
  done(request: HttpRequest, response: object, location: string, otherwise: number): void {
    if (isForm(request.headers)) this.answers.redirect(request, response, location);
    else this.answers.status(response, otherwise);
  }

  /** Returns what `work` returns; a refusal of a form becomes its page with the same status. */
  async orPage<T>(request: HttpRequest, response: object, page: AuthPage, work: () => Promise<T>): Promise<T | string> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      return this.refuse(request, response, page, error);
    }
  }

  /** @returns the page. @throws the problem, if it is no form or there are no pages */
  async refuse(request: HttpRequest, response: object, page: AuthPage, problem: ProblemException): Promise<string> {
    this.answers.dress(response, problem);
    if (!isForm(request.headers) || !this.extras.pages) throw problem;
    return this.pages.show(request, response, page, problem);
  }
}
