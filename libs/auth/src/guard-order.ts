import { Injectable } from '@nestjs/common';
import { APP_GUARD, ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { AuthGuard } from './access/auth.guard.js';
import { CrossSiteGuard } from './cross-site/cross-site.guard.js';

/**
 * Nest runs the guards of `APP_GUARD` in the order in which modules were found, so one of the root module would run
 * before ours and see no user.
 */
@Injectable()
export class GuardOrder {
  constructor(
    private readonly application: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly crossSite: CrossSiteGuard,
    private readonly auth: AuthGuard,
  ) {}

  /** Puts ours before all that are provided as `APP_GUARD`. To be called before Nest makes the routes. */
  apply(): void {
    const guards = this.application.getGlobalGuards();
    const own = [this.crossSite, this.auth].filter((guard) => guards.includes(guard));
    const others = guards.filter((guard) => !own.some((each) => each === guard));
    const provided = this.#provided();
    const at = others.findIndex((guard) => provided.has(guard));
    if (at !== -1) guards.splice(0, guards.length, ...others.slice(0, at), ...own, ...others.slice(at));
  }

  /** The instances of all providers of `APP_GUARD`, whose tokens Nest makes unique by a suffix. */
  #provided(): Set<unknown> {
    const wrappers = [...this.modules.values()].flatMap(({ providers }) => [...providers]);
    const guards = wrappers.filter(([token]) => typeof token === 'string' && token.startsWith(APP_GUARD));
    return new Set(guards.map(([, { instance }]): unknown => instance));
  }
}
