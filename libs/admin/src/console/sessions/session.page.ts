import { Controller, Get, Param, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { PageForm } from 'nest-gatehouse/auth';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { ProblemException } from 'nest-gatehouse/common';
import { actorOf, Changes, ForAdministrators } from '../../routes/administrator.js';
import { SessionChanges } from '../../sessions/session-changes.service.js';
import { SessionDetailsService, type SessionDetails } from '../../sessions/session-details.service.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { doneOf } from '../answers/done.js';
import { fieldsOf, searchOf } from '../answers/page-query.js';
import type { ActionPage } from '../console-page.js';
import { listOf } from './session-conditions.js';
import { nameOfEvent } from './event-names.js';

/** One session: what happened to it, what will end it or has, and its end. */
@Controller('admin/sessions/:handle')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class SessionPageController {
  constructor(
    private readonly details: SessionDetailsService,
    private readonly changes: SessionChanges,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get()
  async show(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('handle') handle: string,
  ): Promise<string> {
    return this.#page(request, response, handle);
  }

  @Get('end')
  @Changes()
  async askToEnd(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('handle') handle: string,
  ): Promise<string> {
    return this.answers.ask(request, response, endOf(await this.details.read(handle), request));
  }

  /** Ending one that has ended meanwhile changes nothing. */
  @Post('end')
  @Changes()
  @PageForm()
  async end(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('handle') handle: string,
  ): Promise<string | undefined> {
    const action = endOf(await this.details.read(handle), request);
    return this.answers.perform(request, response, action, async () => {
      await this.changes.end(handle, actorOf(request));
      return withDone(action.back, 'session-ended');
    });
  }

  /** Where it is refused, the session's page says why: the form has no page of its own. */
  @Post('extend')
  async extend(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('handle') handle: string,
  ): Promise<string | undefined> {
    try {
      await this.changes.extend(handle, actorOf(request));
      this.answers.goTo(request, response, `/sessions/${handle}`, { done: 'extended' });
      return undefined;
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      return this.#page(request, response, handle, error);
    }
  }

  async #page(request: HttpRequest, response: object, handle: string, problem?: ProblemException): Promise<string> {
    const session = await this.details.read(handle);
    const values = { session, nameOfEvent, done: doneOf(fieldsOf(request.query)) };
    const page = { template: 'sessions/session', title: 'Session', section: 'sessions', values } as const;
    return this.answers.show(request, response, page, problem);
  }
}

/** Back to the list with its conditions, where it was asked for there. */
function endOf(session: SessionDetails, request: HttpRequest): ActionPage {
  const fields = fieldsOf(request.query);
  const list = fields.from === 'list' ? `/sessions${searchOf(listOf(fields))}` : null;
  const whose = session.user === null ? 'an anonymous visitor' : session.user;
  const where = [session.device, session.ip].filter((text) => text !== null).join(', ');
  return {
    section: 'sessions',
    title: 'End this session',
    lead: `The session of ${whose}${where === '' ? '' : ` (${where})`} ends at once. This cannot be undone.`,
    button: `End the session of ${whose}`,
    isDangerous: true,
    back: list ?? `/sessions/${encodeURIComponent(session.handle)}`,
  };
}

function withDone(path: string, done: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}done=${done}`;
}
