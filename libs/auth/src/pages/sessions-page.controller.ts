import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { z } from 'zod';
import { visitorOf, type HttpRequest } from '../http/http-request.js';
import { BodyOf, pageQuery } from 'nest-gatehouse/common';
import { MySessionsService } from '../account/my-sessions.service.js';
import { PageAnswers } from './page-answers.js';
import { noticeOf } from './page-notice.js';

@Controller('account/sessions')
export class SessionsPageController {
  constructor(
    private readonly sessions: MySessionsService,
    private readonly pages: PageAnswers,
  ) {}

  @Get()
  async show(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Query(new BodyOf(pageQuery)) page: z.output<typeof pageQuery>,
  ): Promise<string> {
    const sessions = await this.sessions.list(visitorOf(request), page);
    return this.pages.show(request, response, { name: 'sessions', sessions, done: noticeOf(request.query) });
  }
}
