import { Injectable } from '@nestjs/common';
import { type AssetSet, type PageFrame, type PageNav, Pages, type TimeoutWarning } from 'nest-gatehouse/web';
import { ServerAssets } from './server-assets.js';

export type ServerPage = Pick<PageFrame, 'title'> &
  Partial<Pick<PageFrame, 'nav' | 'warning'>> & {
    /** The base path of the request, see `basePathOf`. */
    readonly base: string;
    /** The files that the page loads. Default: those of this server. */
    readonly assets?: AssetSet;
  };

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
  timeoutWarning(base: string, nav: PageNav | null): TimeoutWarning {
    const moved = base === '' ? {} : { src: `${base}/api/session`, renew: `${base}/api/session/renew` };
    return { script: base + this.assets.urlOf('timeout.js'), ...moved, signOut: nav?.signOut?.action };
  }

  render(template: string, page: ServerPage, values: Readonly<Record<string, unknown>> = {}): string {
    const { base, assets = this.assets, title, nav = null, warning } = page;
    const asset = (name: string) => base + assets.urlOf(name);
    const frame = { title, appName: 'Gatehouse', home: `${base}/`, nav, asset, ...(warning && { warning }) };
    return this.pages.render(`server/${template}`, frame, { base, ...values });
  }
}
