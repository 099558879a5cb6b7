import { Inject, Injectable } from '@nestjs/common';
import { Clock, withBasePath } from 'nest-gatehouse/common';
import { type PageFrame, type PageNav, Pages, pageTime, waitInWords } from 'nest-gatehouse/web';
import type { AuthPaths, ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_EXTRAS, AUTH_OPTIONS, type AuthModuleExtras } from '../auth.tokens.js';
import { RoutePaths } from '../http/route-paths.js';
import { AuthAssets } from './auth-assets.js';
import { NavLinks } from './nav-links.js';
import { AuthPages, type AuthPage, type AuthPageContext } from './auth-pages.js';

type Name = AuthPage['name'];

const TITLES: Readonly<Record<Name, string>> = {
  login: 'Sign in',
  reauthenticate: 'Confirm it is you',
  closed: 'Closed',
  password: 'Change your password',
  account: 'Your account',
  sessions: 'Your sessions',
};

const DONE = {
  'password-changed': 'Your password was changed, and your other sessions have ended.',
  'session-ended': 'The session has ended.',
  'others-ended': 'Your other sessions have ended.',
} as const;

/** The library's own pages: no script, nothing inline, nothing from anywhere else. */
@Injectable()
export class TemplatePages extends AuthPages {
  override readonly contentSecurityPolicy: string | null =
    "default-src 'none'; style-src 'self'; img-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    @Inject(AUTH_EXTRAS) protected readonly extras: AuthModuleExtras,
    private readonly assets: AuthAssets,
    private readonly pages: Pages,
    private readonly clock: Clock,
    protected readonly routes: RoutePaths,
    private readonly links: NavLinks,
  ) {
    super();
    pages.addFolder('auth', new URL('.', import.meta.url));
  }

  override render(page: AuthPage, context: AuthPageContext): string {
    const now = this.clock.now();
    const { problem, retryAfter, csrfToken, user, basePath } = context;
    return this.pages.render(`auth/${page.name}`, this.frame(page, context), {
      ...{ page, problem, csrfToken, user },
      paths: this.paths(context),
      form: (path: string) => basePath + this.routes.form(path),
      link: (path: string) => withBasePath(basePath, path),
      minLength: this.options.password.minLength,
      canRemember: this.options.remember !== false,
      wait: retryAfter === null ? null : waitInWords(retryAfter),
      done: 'done' in page && page.done !== null ? DONE[page.done] : null,
      time: (time: number | string) => pageTime(time, now),
    });
  }

  /** What is around the content of a page; for an application that adds to it. */
  protected frame(page: AuthPage, context: AuthPageContext): PageFrame {
    const title = TITLES[page.name];
    return {
      title: context.problem ? `Not done: ${title}` : title,
      appName: this.extras.appName,
      nav: context.isSignedIn ? this.#nav(page, context) : null,
      isPersonal: true,
      home: context.basePath + this.routes.home,
      asset: (name) => context.basePath + this.assets.urlOf(name),
    };
  }

  /** Of the pages, as the browser sees them. */
  protected paths({ basePath }: AuthPageContext): Required<AuthPaths> {
    const paths = Object.entries(this.routes.pages).map(([name, path]) => [name, basePath + path]);
    return Object.fromEntries(paths) as Required<AuthPaths>;
  }

  #nav({ name }: AuthPage, context: AuthPageContext): PageNav {
    const { user, csrfToken, basePath } = context;
    const paths = this.paths(context);
    const links = [
      ...(user ? [{ href: paths.account, label: 'Account', isCurrent: name === 'account' }] : []),
      ...this.links.of(user).map(({ label, path }) => ({ href: basePath + path(), label })),
    ];
    return { links, signOut: { action: basePath + this.routes.form('logout'), csrfToken } };
  }
}
