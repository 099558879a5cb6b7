import { Injectable } from '@nestjs/common';
import { HttpAnswers, type HttpRequest, PersonalPages } from 'nest-gatehouse/auth/http';
import { ProblemException } from 'nest-gatehouse/common';
import type { ActionPage, ConsolePage } from '../console-page.js';
import { ConsolePages } from './console-pages.js';
import { fieldsOf, searchOf, type Fields } from './page-query.js';
import { sectionAt } from '../sections.js';
import { requestIdOf } from './request-id.js';

/** Nothing inline, nothing from elsewhere, and no text becomes code. */
export const CONSOLE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html";

/** Answers with the console's pages, the same on both platforms. */
@Injectable()
export class ConsoleAnswers {
  constructor(
    private readonly pages: ConsolePages,
    private readonly personal: PersonalPages,
    private readonly answers: HttpAnswers,
  ) {}

  /** @param problem why the page shows less than it should; it gets its status */
  show(request: HttpRequest, response: object, page: ConsolePage, problem?: ProblemException | null): string {
    const refusal = problem ? { problem: problem.problem, requestId: requestIdOf(response) } : null;
    const html = this.pages.render(request, page, refusal);
    return this.personal.answer(request, response, html, {
      policy: CONSOLE_POLICY,
      problem: problem ?? undefined,
      back: this.pages.path,
      reloadAfter: page.reloadAfter,
    });
  }

  /** A page of its own for what cannot be shown, with a way to try again. */
  refuse(request: HttpRequest, response: object, problem: ProblemException): string {
    const section = sectionAt((request.originalUrl ?? request.url).slice(this.pages.path.length));
    const page = { template: 'parts/refused', title: problem.problem.title, section };
    return this.show(request, response, page, problem);
  }

  /** Asks for a confirmation. */
  ask(request: HttpRequest, response: object, action: ActionPage, problem?: ProblemException): string {
    const given = problem ? fieldsOf(request.body) : {};
    const page = { template: 'parts/action', title: action.title, section: action.section, values: { action, given } };
    return this.show(request, response, page, problem);
  }

  /**
   * Does what was confirmed, and goes on at the path that `work` resolves to; where it was refused, the same page says
   * why, and nothing was done.
   */
  async perform(
    request: HttpRequest,
    response: object,
    action: ActionPage,
    work: () => Promise<string>,
  ): Promise<string | undefined> {
    return this.reveal(request, response, action, async () => {
      this.goTo(request, response, await work());
      return undefined;
    });
  }

  /** As `perform`, but it ends on a page that is shown once, such as a new secret; undefined: no page. */
  async reveal(
    request: HttpRequest,
    response: object,
    action: ActionPage,
    work: () => Promise<ConsolePage | undefined>,
  ): Promise<string | undefined> {
    try {
      requireTyped(action, fieldsOf(request.body));
      const page = await work();
      return page && this.show(request, response, page);
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      return this.ask(request, response, action, error);
    }
  }

  /** @param path below the console */
  goTo(request: HttpRequest, response: object, path: string, search: Fields = {}): void {
    this.answers.redirect(request, response, `${this.pages.path}${path}${searchOf(search)}`);
  }
}

/** @throws 400 `confirmation_wrong` */
function requireTyped({ typed }: ActionPage, { confirmation }: Fields): void {
  if (!typed || confirmation?.replaceAll(/[\s,]/g, '') === typed.expected.replaceAll(/[\s,]/g, '')) return;
  const message = `must be ${typed.expected}`;
  throw new ProblemException(400, 'confirmation_wrong', 'Nothing was done: what you typed is something else.', {
    errors: [{ field: 'confirmation', message }],
  });
}
