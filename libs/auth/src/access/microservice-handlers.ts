import { Injectable, Logger, type ExecutionContext, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { ProblemException } from 'nest-gatehouse/common';
import { noSessionOnTransport } from '../auth.problems.js';
import { readAccessRule } from './access-rule.js';

/** Metadata of `@MessagePattern()`, `@EventPattern()` and `@GrpcMethod()`, whose package the application may not have. */
const PATTERN = 'microservices:pattern';

const REMEDY =
  'Such messages have no session. Put @Public() on the handler and, unless everybody on that transport may call it, ' +
  '@UseGuards() with a guard of your own that knows its callers';

/** Messages of microservices have no session, so nobody can be signed in. Tells the developer, at start and later. */
@Injectable()
export class MicroserviceHandlers implements OnApplicationBootstrap {
  readonly #logger = new Logger('Gatehouse');
  readonly #told = new Set<string>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    const closed = this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (metatype ? this.#closedHandlersOf(metatype as Type<object>) : []));
    if (closed.length === 0) return;
    this.#logger.warn(
      `These handlers of microservices require a sign-in, and refuse every message: ${closed.join(', ')}. ${REMEDY}. ` +
        'Where a hybrid application connects the transport without inheritAppConfig, no global guard runs, and everybody passes.',
    );
  }

  /** Logs the first refusal of each handler, because the sender of an event is told nothing. @returns what to throw */
  refuse(context: ExecutionContext): ProblemException {
    const name = `${context.getClass().name}.${context.getHandler().name}`;
    if (!this.#told.has(name)) {
      this.#told.add(name);
      this.#logger.error(
        `${name} has refused a message of a microservice, which it requires a sign-in for. ${REMEDY}.`,
      );
    }
    return noSessionOnTransport();
  }

  #closedHandlersOf(controller: Type<object>): string[] {
    const methods = controller.prototype as Readonly<Record<string, (...args: unknown[]) => unknown>>;
    return this.scanner
      .getAllMethodNames(methods)
      .filter((name) => Reflect.hasMetadata(PATTERN, methods[name]!))
      .filter((name) => readAccessRule(this.reflector, methods[name]!, controller).access === 'required')
      .map((name) => `${controller.name}.${name}`);
  }
}
