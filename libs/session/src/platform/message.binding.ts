import { Injectable, type InjectionToken, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { SessionEngine } from '../engine/session-engine.js';
import { GatewayGuard, GatewayInterceptor } from '../messages/gateway-enhancers.js';
import { MessageGuard } from '../messages/message.guard.js';
import { MessageInterceptor } from '../messages/message.interceptor.js';
import { loadMicroserviceRefusals, loadSocketRefusals } from '../messages/refusals.js';
import { SocketDoor } from './socket-door.js';

/** Metadata by which Nest knows what a class is. Its packages are not imported: the application may have none of them. */
const GATEWAY = 'websockets:is_gateway';
const RESOLVER = 'graphql:resolver_type';
const PATTERN = 'microservices:pattern';
/** What `@UseGuards()` and `@UseInterceptors()` write on a class. */
const GUARDS = '__guards__';
const INTERCEPTORS = '__interceptors__';

type ModuleOfNest = ModulesContainer extends Map<string, infer Module> ? Module : never;
type Class = abstract new (...args: never[]) => unknown;

/**
 * In an application with gateways or resolvers: opens the session of each message, and saves it. A guard that is added
 * now runs before all others, and an interceptor around all others. Nest 11 takes neither for gateways, so those get
 * both as if `@UseGuards()` and `@UseInterceptors()` stood on their classes.
 */
@Injectable()
export class MessageBinding implements OnModuleInit {
  constructor(
    config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    engine: SessionEngine,
    door: SocketDoor,
  ) {
    if (![GATEWAY, RESOLVER, PATTERN].some((key) => this.#has(key))) return;
    const guard = new MessageGuard(engine);
    const interceptor = new MessageInterceptor();
    config.addGlobalGuard(guard);
    config.addGlobalInterceptor(interceptor);
    door.messageGuards.unshift(guard);
    this.#putOnGateways(new GatewayGuard(door.messageGuards), new GatewayInterceptor(interceptor));
  }

  async onModuleInit(): Promise<void> {
    if (this.#has(GATEWAY)) await loadSocketRefusals();
    if (this.#has(PATTERN)) await loadMicroserviceRefusals();
  }

  /** By class in the metadata, which all applications of the process share, and by instance in the application's modules. */
  #putOnGateways(guard: GatewayGuard, interceptor: GatewayInterceptor): void {
    for (const module of this.modules.values()) {
      const gateways = this.#marked(GATEWAY, module);
      if (gateways.length === 0) continue;
      module.addInjectable({ provide: GatewayGuard, useValue: guard }, 'guard');
      module.addInjectable({ provide: GatewayInterceptor, useValue: interceptor }, 'interceptor');
      for (const gateway of gateways) {
        putFirst(GUARDS, GatewayGuard, gateway);
        putFirst(INTERCEPTORS, GatewayInterceptor, gateway);
      }
    }
  }

  #has(key: string): boolean {
    return [...this.modules.values()].some((module) => this.#marked(key, module).length > 0);
  }

  #marked(key: string, { providers, controllers }: ModuleOfNest): Class[] {
    const wrappers = [...(key === PATTERN ? controllers : providers).values()];
    const classes = wrappers.map(({ metatype }) => metatype).filter((type) => typeof type === 'function') as Class[];
    return classes.filter((type) => this.#isMarked(key, type));
  }

  #isMarked(key: string, type: Class): boolean {
    if (key !== PATTERN) return Reflect.hasMetadata(key, type);
    const methods = type.prototype as Readonly<Record<string, object>>;
    return new MetadataScanner().getAllMethodNames(methods).some((name) => Reflect.hasMetadata(key, methods[name]!));
  }
}

function putFirst(key: string, enhancer: InjectionToken, type: Class): void {
  const others = (Reflect.getMetadata(key, type) ?? []) as readonly InjectionToken[];
  if (!others.includes(enhancer)) Reflect.defineMetadata(key, [enhancer, ...others], type);
}
