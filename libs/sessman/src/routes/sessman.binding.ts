import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import cors from 'cors';
import type { ResolvedSessmanOptions } from '../sessman.options.js';
import { SESSMAN_OPTIONS, SESSMAN_PREFIX } from '../sessman.tokens.js';
import { isLoopback } from './loopback.js';

type Next = (error?: unknown) => void;
type Handler = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

interface ExpressApplication {
  use(handler: Handler): unknown;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

interface FastifyApplication {
  addHook(
    name: 'onRequest',
    hook: (request: { readonly raw: IncomingMessage }, reply: FastifyReply, next: Next) => void,
  ): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null, body?: unknown) => void) => void,
  ): unknown;
}

/**
 * The content type that requests to the routes have once they were recognised. No parser of bodies knows it: the routes
 * read theirs as JSON, whatever was sent.
 */
export const UNPARSED_BODY = 'application/x-gatehouse-unparsed';
const OPERATIONS = 'new|update|get|patch|touch|delete|list|batch-get';
const EXPOSED = ['ETag', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id'];
const ALLOWED = ['Authorization', 'Content-Type', 'If-Match', 'Idempotency-Key'];
const PREFLIGHT_SECONDS = 600;

/**
 * What the routes need before the platform looks at a request: their bodies are left unparsed, and browsers of allowed
 * origins get their CORS headers, with refusals and preflights too.
 */
@Injectable()
export class SessmanBinding {
  readonly #path: RegExp;
  readonly #cors: Handler | null;

  constructor(
    host: HttpAdapterHost,
    @Inject(SESSMAN_OPTIONS) private readonly options: ResolvedSessmanOptions,
    @Inject(SESSMAN_PREFIX) prefix: string,
  ) {
    // Below any global prefix and version.
    this.#path = new RegExp(`(?:^|/)${prefix}/(?:${OPERATIONS})/?$`);
    const { corsOrigins } = options;
    this.#cors =
      corsOrigins.length === 0
        ? null
        : (cors({
            origin: [...corsOrigins],
            methods: ['GET', 'POST'],
            allowedHeaders: ALLOWED,
            exposedHeaders: EXPOSED,
            maxAge: PREFLIGHT_SECONDS,
          }) as Handler);
    const adapter = host.httpAdapter as typeof host.httpAdapter | undefined;
    if (adapter) this.#bind(adapter);
    else host.init$.subscribe(() => this.#bind(host.httpAdapter));
  }

  #bind(adapter: AbstractHttpAdapter): void {
    if (adapter.getType() === 'express') {
      adapter.getInstance<ExpressApplication>().use((request, response, next) => {
        if (!this.#isOurs(request)) return next();
        leaveUnparsed(request);
        if (this.#cors) this.#cors(request, response, next);
        else next();
      });
    } else if (adapter.getType() === 'fastify') {
      const app = adapter.getInstance<FastifyApplication>();
      app.addContentTypeParser(UNPARSED_BODY, (_request, _payload, done) => done(null));
      app.addHook('onRequest', (request, reply, next) => {
        if (!this.#isOurs(request.raw)) return next();
        leaveUnparsed(request.raw);
        if (!this.#cors) return next();
        if (request.raw.method === 'OPTIONS') reply.hijack();
        this.#cors(request.raw, reply.raw, next);
      });
    }
  }

  #isOurs({ url = '' }: IncomingMessage): boolean {
    return this.#path.test(url.split('?', 1)[0]!);
  }

  /** Without API keys whoever reaches the service may use it. Called once the server is known. */
  requireLoopback(server: Server): void {
    if (this.options.auth !== 'none') return;
    server.prependOnceListener('listening', () => {
      const address = server.address();
      if (typeof address === 'string' || isLoopback(address?.address)) return;
      // Fastify still looks at the address in this turn; no connection is accepted in it.
      process.nextTick(() => server.close());
      server.emit('error', notLoopback(address?.address));
    });
  }
}

function notLoopback(address: string | undefined): Error {
  return new Error(
    `SessmanModule: with auth 'none' the server must listen on the loopback interface, and it listens on ${address}. Listen on 127.0.0.1, or ask for API keys.`,
  );
}

function leaveUnparsed({ headers }: IncomingMessage): void {
  const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  if (isEmpty) delete headers['content-type'];
  else headers['content-type'] = UNPARSED_BODY;
}
