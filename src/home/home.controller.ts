import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { CurrentUser, OptionalAuth, type SignedInUser } from 'nest-gatehouse/auth';
import { ADMINISTRATOR_ROLE } from 'nest-gatehouse/auth/http';
import { basePathOf, platformView } from 'nest-gatehouse/common';
import { Session } from 'nest-gatehouse/session';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';
import { ServerPages } from '../pages/server-pages.js';
import { accountNavOf, navOf } from '../pages/sign-in-view.js';
import { viewOwnSession } from '../sessions/session-view.js';
import { describeCookie } from './cookie-description.js';

@Controller()
export class HomeController {
  constructor(
    private readonly pages: ServerPages,
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
    const view = viewOwnSession(session);
    const isPersistent = view.active ? view.persistent : undefined;
    const base = basePathOf(request);
    const nav = this.configuration.AUTH_PAGES ? accountNavOf(base, session, user) : navOf(base, { session });
    return this.pages.render(
      'home/home',
      { title: 'Your session', base, nav, warning: this.pages.timeoutWarning(base, nav) },
      {
        user,
        session: view,
        cookie: describeCookie(this.configuration, platformView(request).protocol === 'https', isPersistent),
        idleTimeout: this.configuration.SESSION_IDLE_TIMEOUT,
        absoluteTimeout: this.configuration.SESSION_ABSOLUTE_TIMEOUT,
        storage: user?.roles.includes(ADMINISTRATOR_ROLE) ? this.configuration.STORAGE : null,
        now: new Date().toISOString(),
      },
    );
  }
}
