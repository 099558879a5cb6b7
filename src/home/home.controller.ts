import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { CurrentUser, OptionalAuth, type SignedInUser } from 'nest-gatehouse/auth';
import { platformView } from 'nest-gatehouse/common';
import { Session } from 'nest-gatehouse/session';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';
import { Pages } from '../pages/pages.js';
import { viewSignIn } from '../pages/sign-in-view.js';
import { viewSession } from '../sessions/session-view.js';
import { describeCookie } from './cookie-description.js';

@Controller()
export class HomeController {
  constructor(
    private readonly pages: Pages,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  @Get()
  @OptionalAuth()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  show(
    @Session() session: Session,
    @CurrentUser() user: SignedInUser | undefined,
    @Req() request: { readonly protocol: string },
  ): string {
    const view = viewSession(session);
    const isPersistent = view.active ? view.persistent : undefined;
    return this.pages.render('home', {
      title: 'Your session',
      signIn: { isOffered: this.configuration.AUTH_PAGES, user, ...viewSignIn(session) },
      session: view,
      cookie: describeCookie(this.configuration, platformView(request).protocol === 'https', isPersistent),
      idleTimeout: this.configuration.SESSION_IDLE_TIMEOUT,
      absoluteTimeout: this.configuration.SESSION_ABSOLUTE_TIMEOUT,
      storage: this.configuration.STORAGE,
      now: new Date().toISOString(),
    });
  }
}
