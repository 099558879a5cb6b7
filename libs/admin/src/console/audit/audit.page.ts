import { Controller, Get, Inject, Req, Res, UseInterceptors } from '@nestjs/common';
import { AUDIT_POLICIES, AUTH_OPTIONS, type HttpRequest, type ResolvedAuthOptions } from 'nest-gatehouse/auth/http';
import ms from 'ms';
import { auditQuery } from '../../audit/audit-query.js';
import { AuditSearch } from '../../audit/audit-search.service.js';
import { ForAdministrators } from '../../routes/administrator.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { fieldsOf, readFields, timesInUtc, type Fields } from '../answers/page-query.js';

const TIMES = ['from', 'to'];

const CONDITIONS = {
  type: 'What',
  actor: 'Who',
  user: 'Whom',
  ip: 'From',
  handle: 'Session',
  from: 'After',
  to: 'Before',
} as const;

/** Who did what, to whom, from where. */
@Controller('admin/audit')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class AuditPageController {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'auditRetention'>,
    private readonly search: AuditSearch,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get()
  async show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const fields = fieldsOf(request.query);
    const { query, problem } = readFields(auditQuery, fields, TIMES);
    const conditions = conditionsOf(fields);
    const values = {
      fields,
      conditions,
      names: CONDITIONS,
      times: TIMES,
      types: Object.keys(AUDIT_POLICIES),
      list: query && (await this.search.list(query)),
      isFirst: query?.cursor === undefined,
      /** As the REST route takes them. */
      linesOf: timesInUtc(conditions, TIMES),
      kept: ms(this.options.auditRetention, { long: true }),
    };
    const page = { template: 'audit/audit', title: 'Audit trail', section: 'audit', values } as const;
    return this.answers.show(request, response, page, problem);
  }
}

function conditionsOf(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.keys(CONDITIONS).flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]] as const])),
  );
}
