import { Inject, Injectable, Module } from '@nestjs/common';
import { ConsoleFrame } from 'nest-gatehouse/admin';
import { type AuthPage, type AuthPageContext, AuthPages, RoutePaths, TemplatePages } from 'nest-gatehouse/auth/http';
import { basePathOf } from 'nest-gatehouse/common';
import type { PageFrame } from 'nest-gatehouse/web';
import { PagesModule } from './pages.module.js';
import { ServerPages } from './server-pages.js';

/** The console, with a warning before the administrator's session ends. */
@Injectable()
class ConsoleWithWarning extends ConsoleFrame {
  constructor(
    private readonly pages: ServerPages,
    private readonly routes: RoutePaths,
  ) {
    super();
  }

  override frame(frame: PageFrame, request: object): PageFrame {
    const base = basePathOf(request);
    const { originalUrl, url } = request as { readonly originalUrl?: string; readonly url: string };
    const next = encodeURIComponent(originalUrl ?? url);
    const ended = `${base}${this.routes.pages.closed}?next=${next}`;
    return { ...frame, warning: { ...this.pages.timeoutWarning(base, frame.nav), ended, reloads: true } };
  }
}

@Module({
  imports: [PagesModule],
  providers: [{ provide: ConsoleFrame, useClass: ConsoleWithWarning }],
  exports: [ConsoleFrame],
})
export class ConsolePagesModule {}

/** The library's pages of an account, with a warning before the session ends, which is their only script. */
@Injectable()
class AccountPages extends TemplatePages {
  override readonly contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  @Inject(ServerPages)
  private readonly serverPages!: ServerPages;

  protected override frame(page: AuthPage, context: AuthPageContext): PageFrame {
    const frame = super.frame(page, context);
    if (!context.isSignedIn) return frame;
    const next = encodeURIComponent(this.routes.pages[page.name]);
    const ended = `${this.paths(context).closed}?next=${next}`;
    const warning = this.serverPages.timeoutWarning(context.basePath, frame.nav);
    return { ...frame, warning: { ...warning, ended, reloads: true } };
  }
}

@Module({
  imports: [PagesModule],
  providers: [{ provide: AuthPages, useClass: AccountPages }],
  exports: [AuthPages],
})
export class AccountPagesModule {}
