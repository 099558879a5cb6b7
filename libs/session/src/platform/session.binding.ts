import { Injectable } from '@nestjs/common';
import { HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { bindExpress, type ExpressApplication } from './express.binding.js';
import { bindFastify, type FastifyApplication } from './fastify.binding.js';
import { SessionEngine } from '../engine/session-engine.js';

/**
 * Ties sessions to the HTTP platform while the application is created, so that middleware of `main.ts` already finds
 * `req.session`. An application without HTTP (a microservice, a command line) is ignored.
 */
@Injectable()
export class SessionBinding {
  #type: string | undefined;

  constructor(
    host: HttpAdapterHost,
    private readonly engine: SessionEngine,
  ) {
    const adapter = host.httpAdapter as typeof host.httpAdapter | undefined;
    // A testing module gets its platform in `createNestApplication()`.
    if (adapter) this.#bind(adapter);
    else host.init$.subscribe(() => this.#bind(host.httpAdapter));
  }

  /**
   * On Express only Nest's own middleware runs between the body parser and the handler. Known once the application is
   * initialised.
   */
  get locksInMiddleware(): boolean {
    return this.#type === 'express' && this.engine.options.locking === 'implicit';
  }

  #bind(adapter: AbstractHttpAdapter | undefined): void {
    this.#type = adapter?.getType();
    if (this.#type === 'express') bindExpress(adapter!.getInstance<ExpressApplication>(), this.engine);
    else if (this.#type === 'fastify') bindFastify(adapter!.getInstance<FastifyApplication>(), this.engine);
    else if (this.#type)
      throw new Error(`SessionModule works on Express and Fastify; this application runs on ${this.#type}.`);
  }
}
