import { Body, Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { HttpAnswers, type HttpRequest } from 'nest-gatehouse/auth/http';
import { BodyOf } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';
import { z } from 'zod';
import { filterEmpty, jobNotFound } from '../admin.problems.js';
import { describeFilter } from '../ending/describe-filter.js';
import { SessionEnding } from '../ending/session-ending.service.js';
import { SessionLists } from '../sessions/session-list.service.js';
import { sessionFilter } from '../sessions/session-query.js';
import { actorOf, ForAdministrators, NotStored } from './administrator.js';
import { RecentUnlessDryRun } from './recent-unless-dry-run.guard.js';

const FLAG = 'expected true or false';

export const endBody = z.strictObject({
  filter: sessionFilter.default({}),
  dryRun: z.boolean(FLAG).default(false),
  all: z.boolean(FLAG).default(false),
});

export interface JobView {
  readonly state: 'running' | 'done' | 'failed';
  readonly matched: number;
  readonly ended: number;
}

/** Ends many sessions by a filter, and tells how far that is. */
@Controller('admin/api')
@ForAdministrators()
export class EndingController {
  constructor(
    private readonly ending: SessionEnding,
    private readonly lists: SessionLists,
    private readonly sessions: SessionService,
    private readonly answers: HttpAnswers,
  ) {}

  /** With `dryRun` it only counts, which needs no recent password. */
  @Post('sessions/end')
  @UseGuards(RecentUnlessDryRun)
  @NotStored()
  async end(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Body(new BodyOf(endBody)) { filter, dryRun, all }: z.output<typeof endBody>,
  ): Promise<{ matched: number; ended: number } | JobView> {
    if (Object.values(filter).every((condition) => condition === undefined) && !all) throw filterEmpty();
    const found = await this.lists.filterOf(filter);
    if (dryRun) {
      this.answers.status(response, 200);
      return { matched: await this.sessions.count(found), ended: 0 };
    }
    const by = actorOf(request);
    const described = describeFilter(filter);
    const { job, done } = await this.ending.end({ filter: found, described, userId: found.userId ?? undefined, by });
    if (done) {
      this.answers.status(response, 200);
      return done;
    }
    this.answers.status(response, 202);
    this.answers.location(request, response, jobPath(request, job));
    return this.job(job);
  }

  @Get('jobs/:id')
  @NotStored()
  async job(@Param('id') id: string): Promise<JobView> {
    const job = await this.ending.read(id);
    if (!job) throw jobNotFound();
    return { state: job.state, matched: job.matched, ended: job.ended };
  }
}

/** Beside the route that was called, wherever the module is. */
function jobPath({ originalUrl, url }: HttpRequest, id: string): string {
  const path = (originalUrl ?? url).split('?', 1)[0]!;
  return path.replace(/sessions\/end\/?$/, `jobs/${id}`);
}
