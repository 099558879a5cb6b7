import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, MetadataScanner, ModulesContainer } from '@nestjs/core';
import { SessionEngine } from '../engine/session-engine.js';
import { MessageGuard } from '../messages/message.guard.js';
import { MessageInterceptor } from '../messages/message.interceptor.js';
import { loadMicroserviceRefusals, loadSocketRefusals } from '../messages/refusals.js';

/** Metadata by which Nest knows what a class is. Its packages are not imported: the application may have none of them. */
const GATEWAY = 'websockets:is_gateway';
const RESOLVER = 'graphql:resolver_type';
const PATTERN = 'microservices:pattern';

type Class = abstract new (...args: never[]) => unknown;

/**
 * In an application with gateways or resolvers: opens the session of each message, and saves it. A guard that is added
 * now runs before all others, and an interceptor around all others.
 */
@Injectable()
export class MessageBinding implements OnModuleInit {
  constructor(
    config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    engine: SessionEngine,
  ) {
    if (![GATEWAY, RESOLVER, PATTERN].some((key) => this.#has(key))) return;
    config.addGlobalGuard(new MessageGuard(engine));
    config.addGlobalInterceptor(new MessageInterceptor());
  }

  async onModuleInit(): Promise<void> {
    if (this.#has(GATEWAY)) await loadSocketRefusals();
    if (this.#has(PATTERN)) await loadMicroserviceRefusals();
  }

  #has(key: string): boolean {
    return [...this.modules.values()].some(({ providers, controllers }) => {
      const classes = key === PATTERN ? controllers : providers;
      return [...classes.values()].some(
        ({ metatype }) => typeof metatype === 'function' && this.#isMarked(key, metatype as Class),
      );
    });
  }

  #isMarked(key: string, type: Class): boolean {
    if (key !== PATTERN) return Reflect.hasMetadata(key, type);
    const methods = type.prototype as Readonly<Record<string, object>>;
    return new MetadataScanner().getAllMethodNames(methods).some((name) => Reflect.hasMetadata(key, methods[name]!));
  }
}
