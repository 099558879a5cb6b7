import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import { isExcluded } from 'nest-gatehouse/common';
import { beforeAnswer, storedSessionOf } from 'nest-gatehouse/session/request';
import { HitCounter } from '../counting/hit-counter.js';
import { HitWriter } from '../counting/hit-writer.js';
import type { ResolvedHitsOptions } from '../hits.options.js';
import { HITS_OPTIONS } from '../hits.tokens.js';
import { RegisteredRoutes } from './registered-routes.js';
import { patternOf, SEEN, targetOf, type SeenRequest, type SeenResponse } from './seen-request.js';

type Next = () => void;

interface ExpressApplication {
  use(middleware: (request: SeenRequest, response: SeenResponse, next: Next) => void): unknown;
}

interface FastifyReply {
  readonly raw: SeenResponse;
}

interface FastifyApplication {
  addHook(name: 'onRequest', hook: (request: SeenRequest, reply: FastifyReply, done: Next) => void): unknown;
  addHook(
    name: 'onError',
    hook: (request: SeenRequest, reply: FastifyReply, error: unknown, done: Next) => void,
  ): unknown;
  addHook(
    name: 'onSend',
    hook: (request: SeenRequest, reply: FastifyReply, payload: unknown, done: Next) => void,
  ): unknown;
}

/** Of Node's server: with a listener for one of these, Node does not emit `request` for it. */
const OTHER_REQUESTS = ['checkContinue', 'checkExpectation'] as const;

/**
 * Sees every request, and counts it when its answer is over: by then status, route and session are known. The platform
 * is asked for its own, which is all there is for `inject()` and for an application that is mounted in another one; and
 * the server for what is refused before the platform.
 */
@Injectable()
export class HitsBinding implements OnApplicationBootstrap {
  readonly #ended: (this: SeenResponse) => void;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly counter: HitCounter,
    private readonly writer: HitWriter,
    private readonly routes: RegisteredRoutes,
    @Inject(HITS_OPTIONS) private readonly options: ResolvedHitsOptions,
  ) {
    const count = (response: SeenResponse) => this.#countEnded(response);
    // One function for all answers.
    this.#ended = function (this: SeenResponse) {
      count(this);
    };
    const adapter = host.httpAdapter as AbstractHttpAdapter | undefined;
    // A testing module gets its platform in `createNestApplication()`.
    if (adapter) this.#bind(adapter);
    else host.init$.subscribe(() => this.#bind(host.httpAdapter as AbstractHttpAdapter | null));
  }

  onApplicationBootstrap(): void {
    const adapter = this.host.httpAdapter as AbstractHttpAdapter | undefined;
    if (!adapter) return;
    this.routes.read();
    const server = adapter.getHttpServer() as Server | undefined;
    if (!server) return;
    const see = (request: IncomingMessage, response: ServerResponse) => this.#see(request, response);
    server.prependListener('request', see);
    for (const name of OTHER_REQUESTS) if (server.listenerCount(name) > 0) server.prependListener(name, see);
  }

  /** In the mode `strict`. To be called once the session is bound, and before the routes are registered. */
  bindStrictly(): void {
    const adapter = this.host.httpAdapter as AbstractHttpAdapter | undefined;
    if (this.options.mode !== 'strict' || !adapter) return;
    if (adapter.getType() === 'express') {
      adapter.getInstance<ExpressApplication>().use((request, response, next) => {
        this.#countBeforeAnswer(request, response);
        next();
      });
    } else if (adapter.getType() === 'fastify') {
      adapter.getInstance<FastifyApplication>().addHook('onSend', (request, reply, _payload, done) => {
        this.#countBeforeAnswer(request, reply.raw);
        done();
      });
    }
  }

  /** @param adapter null in an application without HTTP, such as a command line */
  #bind(adapter: AbstractHttpAdapter | null): void {
    if (adapter?.getType() === 'express') {
      adapter.getInstance<ExpressApplication>().use((request, response, next) => {
        this.#see(request, response);
        next();
      });
    } else if (adapter?.getType() === 'fastify') {
      const app = adapter.getInstance<FastifyApplication>();
      app.addHook('onRequest', (request, reply, done) => {
        this.#see(request, reply.raw);
        done();
      });
      // A hook before ours may have refused the request.
      app.addHook('onError', (request, reply, _error, done) => {
        this.#see(request, reply.raw);
        done();
      });
    }
  }

  /** The platform's request replaces the server's, because it knows the route. */
  #see(request: SeenRequest, response: SeenResponse): void {
    if (response[SEEN] === undefined) {
      if (isExcluded(this.options.exclude, targetOf(request))) return;
      response.on('close', this.#ended);
    } else if (response[SEEN] === null) return;
    response[SEEN] = request;
  }

  #countEnded(response: SeenResponse): void {
    if (!this.#count(response, response.headersSent ? response.statusCode : 0)) return;
    if (this.options.mode === 'strict' && !this.writer.isFailing) void this.writer.tryToFlush();
  }

  #countBeforeAnswer(request: SeenRequest, response: SeenResponse): void {
    beforeAnswer(request, (status) => {
      if (!this.#count(response, status) || this.writer.isFailing) return undefined;
      return this.writer.tryToFlush();
    });
  }

  /** @returns whether it has been counted now */
  #count(response: SeenResponse, status: number): boolean {
    const request = response[SEEN];
    if (!request) return false;
    response[SEEN] = null;
    const method = request.method ?? '';
    const pattern = patternOf(request);
    if (pattern !== undefined && this.routes.isSkipped(method, pattern)) return false;
    this.counter.count({
      method,
      route: this.routes.nameOf(pattern, status),
      digit: Math.min(Math.trunc(status / 100), 5),
      session: storedSessionOf(request),
      headers: request.headers,
    });
    return true;
  }
}
