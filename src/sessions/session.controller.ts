import { Controller, Get, Header, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { HttpAnswers } from 'nest-gatehouse/auth/http';
import { HitService } from 'nest-gatehouse/hits';
import { describeSession, RequireSession, Session } from 'nest-gatehouse/session';
import { viewOwnSession, type SessionView } from './session-view.js';

/** The visitor's own session: show it, renew its secret, end it. */
@Controller('api/session')
@Public()
export class SessionController {
  constructor(
    private readonly answers: HttpAnswers,
    private readonly hits: HitService,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async show(@Session() session: Session): Promise<SessionView & { readonly hits?: number }> {
    const view = viewOwnSession(session);
    return view.active ? { ...view, hits: await this.hits.forSession(view.handle) } : view;
  }

  @Post('renew')
  @HttpCode(HttpStatus.NO_CONTENT)
  @RequireSession()
  async renew(@Session() session: Session): Promise<void> {
    await session.rotate();
  }

  @Post('end')
  @HttpCode(HttpStatus.NO_CONTENT)
  async end(@Session() session: Session, @Res({ passthrough: true }) response: object): Promise<void> {
    const info = describeSession(session);
    if (info === null) return;
    await session.destroy();
    if (info.userId !== null) this.answers.clearSiteData(response);
  }
}
