import { type CanActivate, Injectable } from '@nestjs/common';
import { APP_GUARD, ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { SocketDoor } from 'nest-gatehouse/session/sockets';
import { AuthGuard } from './access/auth.guard.js';
import { CrossSiteGuard } from './cross-site/cross-site.guard.js';

/**
 * Nest runs the guards of `APP_GUARD` in the order in which modules were found, so one of the root module would run
 * before ours and see no user. They are sorted where Nest reads them: its gateways take them before any module is
 * configured.
 */
@Injectable()
export class GuardOrder {
  /** What was sorted last. Nest reads the guards again for each request of a handler with a scope of its own. */
  #sorted: { readonly from: CanActivate[]; readonly guards: CanActivate[] } | undefined;

  constructor(
    application: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly crossSite: CrossSiteGuard,
    private readonly auth: AuthGuard,
    door: SocketDoor,
  ) {
    door.messageGuards.push(crossSite, auth);
    const read = application.getGlobalGuards;
    application.getGlobalGuards = () => this.#sort(read.call(application));
  }

  #sort(from: CanActivate[]): CanActivate[] {
    const last = this.#sorted;
    // Guards are only ever added: to this array, or with it to a new one.
    if (last?.from === from && last.guards.length === from.length) return last.guards;
    const guards = this.#oursFirst(from);
    this.#sorted = { from, guards };
    return guards;
  }

  /** With ours before all that are provided as `APP_GUARD`. */
  #oursFirst(guards: readonly CanActivate[]): CanActivate[] {
    const own = [this.crossSite, this.auth].filter((guard) => guards.includes(guard));
    const others = guards.filter((guard) => !own.some((each) => each === guard));
    const provided = this.#provided();
    const at = others.findIndex((guard) => provided.has(guard));
    return at === -1 ? [...guards] : [...others.slice(0, at), ...own, ...others.slice(at)];
  }

  /** The instances of all providers of `APP_GUARD`, whose tokens Nest makes unique by a suffix. */
  #provided(): Set<unknown> {
    const wrappers = [...this.modules.values()].flatMap(({ providers }) => [...providers]);
    const guards = wrappers.filter(([token]) => typeof token === 'string' && token.startsWith(APP_GUARD));
    return new Set(guards.map(([, { instance }]): unknown => instance));
  }
}
