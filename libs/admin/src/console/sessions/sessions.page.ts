import { Controller, Get, Req, Res, UseInterceptors } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { ForAdministrators } from '../../routes/administrator.js';
import { sessionListQuery } from '../../sessions/session-query.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { doneOf } from '../answers/done.js';
import { fieldsOf, readFields, timesInUtc, type Fields } from '../answers/page-query.js';
import { conditionsOf, SESSION_CONDITIONS, SESSION_TIMES } from './session-conditions.js';
import { SessionTable } from './session-table.js';

/** Everybody's sessions: search them, and end those that were found. */
@Controller('admin/sessions')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class SessionsPageController {
  constructor(
    private readonly table: SessionTable,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get()
  async show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const fields = searched(request);
    const { query, problem } = readFields(sessionListQuery, fields, SESSION_TIMES);
    const values = {
      fields,
      conditions: conditionsOf(fields),
      names: SESSION_CONDITIONS,
      times: SESSION_TIMES,
      sort: query?.sort ?? '-createdAt',
      state: query?.state ?? 'live',
      isFirst: query?.cursor === undefined,
      list: query && (await this.table.read(query)),
      /** As the REST route takes them. */
      query: timesInUtc(conditionsOf(fields), SESSION_TIMES),
      done: doneOf(fields),
    };
    const page = { template: 'sessions/sessions', title: 'Sessions', section: 'sessions', values } as const;
    return this.answers.show(request, response, { ...page, scripts: ['total.js'] }, problem);
  }
}

/** The form keeps the order of the list; that of ended sessions is always the same. */
function searched(request: HttpRequest): Fields {
  const { sort, ...fields } = fieldsOf(request.query);
  return sort === undefined || fields['state'] === 'ended' ? fields : { ...fields, sort };
}
