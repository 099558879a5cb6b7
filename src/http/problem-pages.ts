import { Injectable } from '@nestjs/common';
import type { ProblemDocument } from 'nest-gatehouse/session';
import { Pages } from '../pages/pages.js';

export interface Representation {
  readonly contentType: string;
  readonly body: string;
}

/** A problem document, or the same words as a page. */
@Injectable()
export class ProblemPages {
  constructor(private readonly pages: Pages) {}

  represent(problem: ProblemDocument, accept: string | undefined): Representation {
    return accept?.includes('text/html')
      ? { contentType: 'text/html; charset=utf-8', body: this.renderPage(problem) }
      : { contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem) };
  }

  renderPage(problem: ProblemDocument): string {
    return this.pages.render('problem', { title: problem.title, problem });
  }
}
