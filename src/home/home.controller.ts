import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { Session } from 'nest-gatehouse/session';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';
import { Pages } from '../pages/pages.js';
import { viewSession } from '../sessions/session-view.js';
import { describeCookie } from './cookie-description.js';

@Controller()
export class HomeController {
  constructor(
    private readonly pages: Pages,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  show(@Session() session: Session, @Req() request: { readonly protocol: string }): string {
    return this.pages.render('home', {
      title: 'Your session',
      session: viewSession(session),
      cookie: describeCookie(this.configuration, request.protocol === 'https'),
      idleTimeout: this.configuration.SESSION_IDLE_TIMEOUT,
      absoluteTimeout: this.configuration.SESSION_ABSOLUTE_TIMEOUT,
      storage: this.configuration.STORAGE,
      now: new Date().toISOString(),
    });
  }
}
