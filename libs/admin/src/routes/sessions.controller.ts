import { Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Query, Req } from '@nestjs/common';
import type { HttpRequest } from 'nest-gatehouse/auth/http';
import { BodyOf } from 'nest-gatehouse/common';
import { SessionChanges } from '../sessions/session-changes.service.js';
import { SessionDetailsService, type SessionDetails } from '../sessions/session-details.service.js';
import { SessionLists, type SessionViewList } from '../sessions/session-list.service.js';
import { sessionListQuery, type SessionListQuery } from '../sessions/session-query.js';
import { actorOf, Changes, ForAdministrators, NotStored } from './administrator.js';

/** Sessions of everybody: list, look into, end, extend. */
@Controller('admin/api/sessions')
@ForAdministrators()
export class SessionsController {
  constructor(
    private readonly lists: SessionLists,
    private readonly details: SessionDetailsService,
    private readonly changes: SessionChanges,
  ) {}

  @Get()
  @NotStored()
  list(@Query(new BodyOf(sessionListQuery)) query: SessionListQuery): Promise<SessionViewList> {
    return this.lists.list(query);
  }

  @Get(':handle')
  @NotStored()
  read(@Param('handle') handle: string): Promise<SessionDetails> {
    return this.details.read(handle);
  }

  @Delete(':handle')
  @Changes()
  @HttpCode(HttpStatus.NO_CONTENT)
  end(@Req() request: HttpRequest, @Param('handle') handle: string): Promise<void> {
    return this.changes.end(handle, actorOf(request));
  }

  @Post(':handle/extend')
  @HttpCode(HttpStatus.OK)
  @NotStored()
  async extend(@Req() request: HttpRequest, @Param('handle') handle: string): Promise<SessionDetails> {
    await this.changes.extend(handle, actorOf(request));
    return this.details.read(handle);
  }
}
