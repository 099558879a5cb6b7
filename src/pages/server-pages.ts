import { Injectable } from '@nestjs/common';
import { type PageFrame, type PageNav, Pages, type TimeoutWarning } from 'nest-gatehouse/web';
import { ServerAssets } from './server-assets.js';

export type ServerPage = Pick<PageFrame, 'title'> & Partial<Pick<PageFrame, 'nav' | 'asset' | 'warning'>>;

/**
 * The pages of this server. Each template lies beside the code that shows it: `server/home/home` is
 * `src/home/home.eta`.
 */
@Injectable()
export class ServerPages {
  constructor(
    private readonly pages: Pages,
    private readonly assets: ServerAssets,
  ) {
    pages.addFolder('server', new URL('../', import.meta.url));
  }

  /** On a page for people who may have a session, with the navigation of this page. */
  timeoutWarning(nav: PageNav | null): TimeoutWarning {
    return { script: this.assets.urlOf('timeout.js'), signOut: nav?.signOut?.action };
  }

  render(template: string, page: ServerPage, values: Readonly<Record<string, unknown>> = {}): string {
    const frame = { appName: 'Gatehouse', nav: null, asset: (name: string) => this.assets.urlOf(name), ...page };
    return this.pages.render(`server/${template}`, frame, values);
  }
}
