import { Controller, Get, Optional, Req, Res, UseInterceptors } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { Clock } from 'nest-gatehouse/common';
import { HitService, type HitBucket } from 'nest-gatehouse/hits';
import { notInstalled } from '../../admin.problems.js';
import { ForAdministrators } from '../../routes/administrator.js';
import { ConsoleAnswers } from '../answers/console-answers.js';
import { ConsoleProblems } from '../answers/console-problems.interceptor.js';
import { fieldsOf } from '../answers/page-query.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TOP = 25;

const RANGES = {
  '24h': { label: '24 hours', length: DAY, by: 'hour' },
  '7d': { label: '7 days', length: 7 * DAY, by: 'day' },
  '30d': { label: '30 days', length: 30 * DAY, by: 'day' },
  '90d': { label: '90 days', length: 90 * DAY, by: 'day' },
} as const;

type RangeName = keyof typeof RANGES;

/** How often? By hour or day, by route, by family of user agents. */
@Controller('admin/hits')
@ForAdministrators()
@UseInterceptors(ConsoleProblems)
export class HitsPageController {
  constructor(
    private readonly clock: Clock,
    private readonly answers: ConsoleAnswers,
    @Optional() private readonly installed?: HitService,
  ) {}

  @Get()
  async show(@Req() request: HttpRequest, @Res({ passthrough: true }) response: object): Promise<string> {
    const hits = this.installed;
    if (!hits) throw notInstalled('hits', 'HitsModule');
    const name = rangeOf(fieldsOf(request.query).range);
    const { length, by } = RANGES[name];
    const now = this.clock.now();
    // Whole hours or days up to the current one, which is not over.
    const unit = by === 'hour' ? HOUR : DAY;
    const to = (Math.floor(now / unit) + 1) * unit;
    const range = { from: to - length, to };
    const [{ items }, routes, agents, total] = await Promise.all([
      hits.series({ ...range, by }),
      hits.routes(range, { limit: TOP }),
      hits.agents(range, { limit: TOP }),
      hits.total(),
    ]);
    const values = { by, items, routes, agents, total, sums: sumsOf(items), range: name, ranges: RANGES };
    const page = { template: 'hits/hits', title: 'Hits', section: 'hits', values } as const;
    return this.answers.show(request, response, { ...page, scripts: ['chart.js'], styles: ['uplot.css'] });
  }
}

function rangeOf(given: string | undefined): RangeName {
  return given !== undefined && Object.hasOwn(RANGES, given) ? (given as RangeName) : '24h';
}

function sumsOf(items: readonly HitBucket[]) {
  const sum = (of: (bucket: HitBucket) => number) => items.reduce((total, bucket) => total + of(bucket), 0);
  return { total: sum(({ total }) => total), people: sum(({ people }) => people), bots: sum(({ bots }) => bots) };
}
