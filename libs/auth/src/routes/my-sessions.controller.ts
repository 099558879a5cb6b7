import { BodyOf, pageQuery } from 'nest-gatehouse/common';
import {
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  HttpStatus,
  Param,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import type { z } from 'zod';
import { EndSessionsGuard } from '../access/end-sessions.guard.js';
import { HttpAnswers } from '../http/http-answers.js';
import { visitorOf, type HttpRequest } from '../http/http-request.js';
import { MySessionsService, type MySessionList } from '../account/my-sessions.service.js';

/** The user's own sessions: see them, end one, end all others. */
@Controller('auth/sessions')
export class MySessionsController {
  constructor(
    private readonly sessions: MySessionsService,
    private readonly answers: HttpAnswers,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  list(
    @Req() request: HttpRequest,
    @Query(new BodyOf(pageQuery)) page: z.output<typeof pageQuery>,
  ): Promise<MySessionList> {
    return this.sessions.list(visitorOf(request), page);
  }

  @Delete()
  @UseGuards(EndSessionsGuard)
  @Header('Cache-Control', 'no-store')
  async endOthers(@Req() request: HttpRequest): Promise<{ ended: number }> {
    return { ended: await this.sessions.endOthers(visitorOf(request)) };
  }

  @Delete(':handle')
  @UseGuards(EndSessionsGuard)
  @HttpCode(HttpStatus.NO_CONTENT)
  async end(
    @Req() request: HttpRequest,
    @Res({ passthrough: true }) response: object,
    @Param('handle') handle: string,
  ): Promise<void> {
    await this.sessions.end(visitorOf(request), handle);
    if (!request.session) this.answers.clearSiteData(response);
  }
}
