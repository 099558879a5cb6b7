import { Controller, Get, Req, Res, UseInterceptors } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { Clock } from 'nest-gatehouse/common';
import { Stats } from '../../live/stats.js';
import { ForAdministrators } from '../../routes/administrator.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';

const MINUTE = 60_000;

/** What happens now. */
@Controller('admin')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class OverviewPageController {
  constructor(
    private readonly stats: Stats,
    private readonly clock: Clock,
    private readonly answers: ConsoleAnswers,
  ) {}

  @Get()
  async show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const values = { stats: await this.stats.readSoon(), minuteAgo: new Date(this.clock.now() - MINUTE).toISOString() };
    const page = { template: 'overview/overview', title: 'Overview', section: 'overview', values } as const;
    return this.answers.show(request, response, { ...page, scripts: ['live.js'] });
  }
}
