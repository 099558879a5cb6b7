import { Controller, Get, Param, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import { PageForm } from 'nest-gatehouse/auth';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { Clock, ProblemException } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';
import { jobNotFound } from '../../admin.problems.js';
import { describeFilter } from '../../ending/describe-filter.js';
import { SessionEnding } from '../../ending/session-ending.service.js';
import { actorOf, Changes, ForAdministrators } from '../../routes/administrator.js';
import { SessionLists } from '../../sessions/session-list.service.js';
import { sessionFilter, type SessionConditions } from '../../sessions/session-query.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { fieldsOf, readFields, searchOf, type Fields } from '../answers/page-query.js';
import type { ActionPage } from '../console-page.js';
import { conditionsOf, listOf, SESSION_CONDITIONS, SESSION_TIMES } from './session-conditions.js';

const numbers = new Intl.NumberFormat('en');

/** Ends all sessions that a search has found: count, type the count, progress. */
@Controller('admin/sessions')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class EndingPageController {
  constructor(
    private readonly ending: SessionEnding,
    private readonly lists: SessionLists,
    private readonly sessions: SessionService,
    private readonly clock: Clock,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get('end')
  @Changes()
  async ask(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const countedAt = this.clock.now();
    const fields = fieldsOf(request.query);
    const conditions = conditionsOf(fields);
    const matched = await this.sessions.count(await this.lists.filterOf(filterFrom(conditions)));
    return this.answers.ask(request, response, actionOf(fields, matched, countedAt));
  }

  /** Ends none that was created after they were counted: never more than what was confirmed. */
  @Post('end')
  @Changes()
  @PageForm()
  async end(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string | undefined> {
    const fields = fieldsOf(request.query);
    const filter = filterFrom(conditionsOf(fields));
    const counted = fieldsOf(request.body);
    const [matched, countedAt] = [Number(counted.matched), Number(counted.countedAt)];
    if (!Number.isSafeInteger(matched) || !Number.isSafeInteger(countedAt)) throw notCounted();
    return this.answers.perform(request, response, actionOf(fields, matched, countedAt), async () => {
      const found = await this.lists.filterOf(filter);
      const createdBefore = Math.min(found.createdBefore ?? Infinity, countedAt + 1);
      const { job } = await this.ending.end({
        filter: { ...found, createdBefore },
        described: describeFilter(filter),
        userId: found.userId ?? undefined,
        by: actorOf(request),
      });
      return `/sessions/jobs/${job}${searchOf(listOf(fields))}`;
    });
  }

  @Get('jobs/:id')
  async job(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('id') id: string,
  ): Promise<string> {
    const job = await this.ending.read(id);
    if (!job) throw jobNotFound();
    const search = listOf(fieldsOf(request.query));
    return this.answers.show(request, response, {
      template: 'sessions/job',
      title: 'Ending sessions',
      section: 'sessions',
      values: { job, search },
      scripts: ['job.js'],
      reloadAfter: job.state === 'running' ? 5 : undefined,
    });
  }
}

function filterFrom(conditions: Fields): SessionConditions {
  const { query, problem } = readFields(sessionFilter, withoutLive(conditions), SESSION_TIMES);
  if (problem) throw problem;
  return query;
}

/** All that are there are live: it is no condition. */
function withoutLive(conditions: Fields): Fields {
  return Object.fromEntries(Object.entries(conditions).filter(([name, value]) => name !== 'state' || value !== 'live'));
}

function actionOf(fields: Fields, matched: number, countedAt: number): ActionPage {
  const what = matched === 1 ? '1 session' : `${numbers.format(matched)} sessions`;
  const which = Object.entries(withoutLive(conditionsOf(fields)));
  const named = which.map(([name, value]) => `${SESSION_CONDITIONS[name as keyof typeof SESSION_CONDITIONS]} ${value}`);
  return {
    section: 'sessions',
    title: 'End these sessions',
    lead: matched === 0 ? 'No session matches, so there is nothing to end.' : leadOf(matched, what, named),
    button: matched === 0 ? null : `End ${what}`,
    isDangerous: true,
    typed: matched > 1 ? { label: 'Type how many sessions will end', expected: numbers.format(matched) } : undefined,
    hidden: { matched: String(matched), countedAt: String(countedAt) },
    back: `/sessions${searchOf(listOf(fields))}`,
  };
}

function leadOf(matched: number, what: string, named: readonly string[]): string {
  const which = named.length > 0 ? named.join(', ') : 'every session there is, yours too';
  const [match, end] = matched === 1 ? ['matches', 'It ends'] : ['match', 'They end'];
  return `${what} ${match}: ${which}. ${end} at once. This cannot be undone.`;
}

function notCounted(): ProblemException {
  return new ProblemException(400, 'confirmation_wrong', 'Nothing was done: ask for the count again.');
}
