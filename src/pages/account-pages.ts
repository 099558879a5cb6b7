import { Inject, Injectable, Module } from '@nestjs/common';
import { type AuthPage, type AuthPageContext, AuthPages, TemplatePages } from 'nest-gatehouse/auth/http';
import type { PageFrame } from 'nest-gatehouse/web';
import { PagesModule } from './pages.module.js';
import { ServerPages } from './server-pages.js';

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
