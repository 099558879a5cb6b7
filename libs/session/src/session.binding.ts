import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { bindExpress, type ExpressApplication } from './express.binding.js';
import { bindFastify, type FastifyApplication } from './fastify.binding.js';
import { SessionEngine } from './session-engine.js';

/**
 * Ties sessions to the HTTP platform while the application is created, so that middleware of `main.ts` already finds `req.session`.
 * An application without HTTP (a microservice, a command line) is left alone.
 */
@Injectable()
export class SessionBinding {
  /** Express has no hook between the body and the handler but Nest's own middleware. */
  readonly locksInMiddleware: boolean;

  constructor(host: HttpAdapterHost, engine: SessionEngine) {
    const adapter = host.httpAdapter as typeof host.httpAdapter | undefined;
    const type = adapter?.getType();
    if (type === 'express') bindExpress(adapter!.getInstance<ExpressApplication>(), engine);
    else if (type === 'fastify') bindFastify(adapter!.getInstance<FastifyApplication>(), engine);
    else if (type) throw new Error(`SessionModule works on Express and Fastify; this application runs on ${type}.`);
    this.locksInMiddleware = type === 'express' && engine.options.locking === 'implicit';
  }
}
