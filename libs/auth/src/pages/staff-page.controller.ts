import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { z } from 'zod';
import { Roles } from '../access/access.decorators.js';
import type { HttpRequest } from '../http/http-request.js';
import { BodyOf, pageQuery } from 'nest-gatehouse/common';
import { PageAnswers } from './page-answers.js';
import { StaffSessionsService } from './staff-sessions.service.js';

/** Who is signed in. */
@Controller('staff')
export class StaffPageController {
  constructor(
    private readonly sessions: StaffSessionsService,
    private readonly pages: PageAnswers,
  ) {}

  @Get()
  @Roles('admin')
  async show(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Query(new BodyOf(pageQuery)) page: z.output<typeof pageQuery>,
  ): Promise<string> {
    const sessions = await this.sessions.list(page);
    return this.pages.show(request, response, { name: 'staff', sessions, isFirst: page.cursor === undefined });
  }
}
