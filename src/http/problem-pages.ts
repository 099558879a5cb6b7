import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ProblemDocument, Session } from 'nest-gatehouse/session';
import { Pages } from '../pages/pages.js';
import { viewSignInOf } from '../pages/sign-in-view.js';

export interface Representation {
  readonly contentType: string;
  readonly body: string;
}

/** Whoever asked, as far as the platform got. */
export interface Asker {
  readonly headers: IncomingHttpHeaders;
  readonly session?: Session;
}

/** A problem document, or the same words as a page. */
@Injectable()
export class ProblemPages {
  constructor(private readonly pages: Pages) {}

  represent(problem: ProblemDocument, request: Asker): Representation {
    return request.headers.accept?.includes('text/html')
      ? { contentType: 'text/html; charset=utf-8', body: this.renderPage(problem, request) }
      : { contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem) };
  }

  /** A user can sign out from here as from every other page. */
  renderPage(problem: ProblemDocument, request: { readonly session?: Session }): string {
    return this.pages.render('problem', { title: problem.title, problem, signIn: viewSignInOf(request) });
  }
}
