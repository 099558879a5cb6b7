import { Injectable } from '@nestjs/common';
import type { ProblemDocument } from 'nest-gatehouse/common';
import type { ProblemRequest } from 'nest-gatehouse/session';
import { ServerPages } from '../pages/server-pages.js';
import { navOf } from '../pages/sign-in-view.js';

export interface Representation {
  readonly contentType: string;
  readonly body: string;
}

/** A problem document, or the same text as a page. */
@Injectable()
export class ProblemPages {
  constructor(private readonly pages: ServerPages) {}

  /**
   * @param base the base path of the request, see `basePathOf`
   * @param request if the platform has reached the session
   */
  represent(
    problem: ProblemDocument,
    accept: string | undefined,
    base: string,
    request: ProblemRequest = {},
  ): Representation {
    return accept?.includes('text/html')
      ? { contentType: 'text/html; charset=utf-8', body: this.renderPage(problem, base, request) }
      : { contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem) };
  }

  /** Error pages have a sign-out form, like every other page. */
  renderPage(problem: ProblemDocument, base: string, request: ProblemRequest): string {
    return this.pages.render('http/problem', { title: problem.title, base, nav: navOf(base, request) }, { problem });
  }
}
