import { Inject, Injectable } from '@nestjs/common';
import { Eta } from 'eta';
import { Clock } from 'nest-gatehouse/common';
import { AuthPages, type AuthPage, type AuthPageContext } from './auth-pages.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_EXTRAS, AUTH_OPTIONS, type AuthModuleExtras } from '../auth.tokens.js';
import { PageAssets } from './page-assets.js';
import { pageTime, waitInWords } from './page-times.js';
import { ACCOUNT } from './templates/account.template.js';
import { CLOSED } from './templates/closed.template.js';
import { ALERT, LAYOUT, TOKEN } from './templates/layout.template.js';
import { LOGIN } from './templates/login.template.js';
import { PASSWORD } from './templates/password.template.js';
import { REAUTHENTICATE } from './templates/reauthenticate.template.js';
import { SESSIONS } from './templates/sessions.template.js';
import { STAFF } from './templates/staff.template.js';

type Name = AuthPage['name'];

const TEMPLATES: Readonly<Record<Name | 'layout' | 'alert' | 'token', string>> = {
  layout: LAYOUT,
  alert: ALERT,
  token: TOKEN,
  login: LOGIN,
  reauthenticate: REAUTHENTICATE,
  closed: CLOSED,
  password: PASSWORD,
  account: ACCOUNT,
  sessions: SESSIONS,
  staff: STAFF,
};

const TITLES: Readonly<Record<Name, string>> = {
  login: 'Sign in',
  reauthenticate: 'Confirm it is you',
  closed: 'Closed',
  password: 'Change your password',
  account: 'Your account',
  sessions: 'Your sessions',
  staff: 'Who is signed in',
};

const DONE = {
  'password-changed': 'Your password was changed, and your other sessions have ended.',
  'session-ended': 'The session has ended.',
  'others-ended': 'Your other sessions have ended.',
} as const;

/** The library's own pages: no script, nothing inline, nothing from anywhere else. What a template prints with `<%=` is escaped. */
@Injectable()
export class TemplatePages extends AuthPages {
  override readonly contentSecurityPolicy: string | null =
    "default-src 'none'; style-src 'self'; img-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  readonly #eta = new Eta();

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    @Inject(AUTH_EXTRAS) private readonly extras: AuthModuleExtras,
    private readonly assets: PageAssets,
    private readonly clock: Clock,
  ) {
    super();
    for (const [name, template] of Object.entries(TEMPLATES)) this.#eta.loadTemplate(`@${name}`, template);
  }

  override render(page: AuthPage, context: AuthPageContext): string {
    const now = this.clock.now();
    const { problem, retryAfter, csrfToken, user, isSignedIn } = context;
    return this.#eta.render(`@${page.name}`, {
      ...{ page, problem, csrfToken, user, isSignedIn },
      title: TITLES[page.name],
      appName: this.extras.appName,
      paths: this.extras.paths,
      api: `/${this.extras.prefix}`,
      minLength: this.options.password.minLength,
      canRemember: this.options.remember !== false,
      wait: retryAfter === null ? null : waitInWords(retryAfter),
      done: 'done' in page && page.done !== null ? DONE[page.done] : null,
      asset: (name: string) => this.assets.urlOf(name),
      time: (time: number | string) => pageTime(time, now),
    });
  }
}
