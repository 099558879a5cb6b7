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

  /** @param request if the platform has reached the session */
  represent(problem: ProblemDocument, accept: string | undefined, request: ProblemRequest = {}): Representation {
    return accept?.includes('text/html')
      ? { contentType: 'text/html; charset=utf-8', body: this.renderPage(problem, request) }
      : { contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem) };
  }

  /** Error pages have a sign-out form, like every other page. */
  renderPage(problem: ProblemDocument, request: ProblemRequest): string {
    return this.pages.render('http/problem', { title: problem.title, nav: navOf(request) }, { problem });
  }
}
