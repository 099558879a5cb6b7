import { Inject, Injectable, Optional, type OnModuleInit } from '@nestjs/common';
import {
  ADMINISTRATOR_ROLE,
  AUTH_EXTRAS,
  type AuthModuleExtras,
  type HttpRequest,
  NavLinks,
  RoutePaths,
} from 'nest-gatehouse/auth/http';
import { basePathOf, Clock, type ProblemDocument } from 'nest-gatehouse/common';
import { csrfToken } from 'nest-gatehouse/session/identity';
import { Pages, pageTime, type PageFrame } from 'nest-gatehouse/web';
import { ConsoleAssets } from '../console-assets.js';
import { ConsoleFrame } from '../console-frame.js';
import type { ConsolePage } from '../console-page.js';
import { SECTIONS } from '../sections.js';
import { searchOf } from './page-query.js';

/** Why the previous form, or the page itself, was refused. */
export interface ConsoleRefusal {
  readonly problem: ProblemDocument;
  /** For whoever looks for it in the log; null if the application gives its requests none. */
  readonly requestId: string | null;
}

const ISO_TIME = /\d{4}-\d{2}-\d{2}T[\d:.]+Z/g;
const numbers = new Intl.NumberFormat('en');

/** Renders the console's pages. */
@Injectable()
export class ConsolePages implements OnModuleInit {
  constructor(
    @Inject(AUTH_EXTRAS) private readonly extras: AuthModuleExtras,
    private readonly routes: RoutePaths,
    private readonly navLinks: NavLinks,
    private readonly assets: ConsoleAssets,
    private readonly pages: Pages,
    private readonly clock: Clock,
    @Optional() private readonly own?: ConsoleFrame,
  ) {
    pages.addFolder('admin', new URL('../../', import.meta.url));
  }

  /** The pages of administrators' accounts lead here. */
  onModuleInit(): void {
    this.navLinks.add({ label: 'Console', role: ADMINISTRATOR_ROLE, path: () => this.path });
  }

  /** Where the console is, below the application's global prefix, such as `/admin`. */
  get path(): string {
    return this.assets.root;
  }

  render(request: HttpRequest, page: ConsolePage, refusal: ConsoleRefusal | null): string {
    const base = basePathOf(request);
    const root = base + this.path;
    const { hasIslands } = this.assets;
    const now = this.clock.now();
    return this.pages.render(`admin/console/${page.template}`, this.#frame(request, page, base), {
      ...page.values,
      root,
      here: base + (request.originalUrl ?? request.url),
      refusal,
      section: page.section,
      sections: SECTIONS,
      csrfToken: csrfToken(request.session),
      styles: ['console.css', ...(hasIslands ? (page.styles ?? []) : [])],
      scripts: hasIslands ? ['console.js', ...(page.scripts ?? [])] : [],
      now: pageTime(now, now),
      time: (time: string | number) => pageTime(time, now),
      /** Times in a sentence, as people read them. */
      readable: (text: string) => text.replace(ISO_TIME, (time) => pageTime(time, now).exact),
      count: (number: number) => numbers.format(number),
      link: (path: string, search: Readonly<Record<string, string | undefined>> = {}) =>
        `${root}${path}${searchOf(search)}`,
    });
  }

  #frame(request: HttpRequest, { title }: ConsolePage, base: string): PageFrame {
    const { appName } = this.extras;
    const links = [
      { href: base + this.routes.pages.account, label: 'Account' },
      { href: base + this.path, label: 'Console', isCurrent: true },
    ];
    const signOut = { action: base + this.routes.form('logout'), csrfToken: csrfToken(request.session) };
    const frame: PageFrame = {
      title,
      appName,
      home: base + this.routes.home,
      nav: { links, signOut },
      isPersonal: true,
      asset: (name) => base + this.assets.urlOf(name),
    };
    return this.own?.frame(frame, request) ?? frame;
  }
}
