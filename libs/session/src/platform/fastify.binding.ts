import type { ServerResponse } from 'node:http';
import { giveBasePath, isExcluded } from 'nest-gatehouse/common';
import { guardAnswer } from './answer-gate.js';
import { isUpgraded } from '../messages/upgraded.js';
import { follow } from './express.binding.js';
import { RequestSession } from '../request/request-session.js';
import type { PlatformRequest } from '../request/visitor.js';
import {
  assignTo,
  defineSessionAccessors,
  LIFE,
  readSession,
  readSessionId,
  type SessionBearer,
} from '../request/request-slot.js';
import type { SessionEngine } from '../engine/session-engine.js';

type Done = (error?: Error | null, payload?: unknown) => void;
/** Its `ip` and `protocol` are set by Fastify if there is middleware to run. */
type RawRequest = PlatformRequest & SessionBearer & { readonly url: string };
type FastifyRequest = PlatformRequest & SessionBearer & { readonly url: string; readonly raw: RawRequest };

interface FastifyReply {
  readonly raw: ServerResponse;
}

type Middleware = (raw: RawRequest, rawReply: ServerResponse, next: (error?: unknown) => void) => void;

/** What the binding needs of a Fastify instance. */
export interface FastifyApplication {
  /** Of `@fastify/middie`, which Nest registers before providers are made. */
  use?(...middleware: unknown[]): unknown;
  decorateRequest(name: string | symbol, value: unknown): unknown;
  addHook(
    name: 'onRequest' | 'preHandler',
    hook: (request: FastifyRequest, reply: FastifyReply, done: Done) => void,
  ): unknown;
  addHook(
    name: 'onSend',
    hook: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done) => void,
  ): unknown;
}

/** Opens the session in `onRequest`, and commits it when the answer is about to leave. */
export function bindFastify(app: FastifyApplication, engine: SessionEngine): void {
  const { options } = engine;
  decorateRequests(app);
  engine.hasAccessors = true;

  const open = (
    raw: RawRequest,
    rawReply: ServerResponse,
    request: PlatformRequest,
    next: (error?: unknown) => void,
  ) => {
    // An upgrade has no answer to hold back, and a lock would be held for as long as the socket is open.
    const isUpgrade = isUpgraded(raw);
    const life = isUpgrade ? new RequestSession(engine, request) : new RequestSession(engine, request, rawReply);
    shareWithMiddleware(raw, life);
    if (!isUpgrade) guardAnswer(rawReply, life);
    follow(isUpgrade ? life.open() : life.openForRequest(), next);
  };

  const place = (raw: RawRequest) => {
    if (options.basePath !== undefined) giveBasePath(raw, options.basePath);
  };

  beforeFirstMiddleware(app, (raw, rawReply, next) => {
    place(raw);
    if (isExcluded(options.exclude, raw.url)) next();
    else open(raw, rawReply, raw, next);
  });
  app.addHook('onRequest', (request, reply, done) => {
    place(request.raw);
    const life = request.raw[LIFE];
    if (life) life.state.visitor.request = request;
    if (life || isExcluded(options.exclude, request.url)) done();
    else open(request.raw, reply.raw, request, done as (error?: unknown) => void);
  });

  if (options.locking === 'implicit') {
    app.addHook('preHandler', (request, _reply, done) => {
      const life = isUpgraded(request.raw) ? null : request.raw[LIFE];
      follow(life?.lockForHandler(), done as (error?: unknown) => void);
    });
  }

  app.addHook('onSend', (request, _reply, payload, done) => {
    const life = request.raw[LIFE];
    if (life) life.isAnsweredAtOnce = !isStream(payload);
    done(null, payload);
  });
}

function decorateRequests(app: FastifyApplication): void {
  app.decorateRequest(LIFE, {
    getter(this: FastifyRequest) {
      return this.raw[LIFE];
    },
  });
  app.decorateRequest('session', {
    getter(this: FastifyRequest) {
      return readSession(this.raw);
    },
    setter(this: FastifyRequest, value: unknown) {
      assignTo(this, this.raw, 'session', value);
    },
  });
  app.decorateRequest('sessionID', {
    getter(this: FastifyRequest) {
      return readSessionId(this.raw);
    },
    setter(this: FastifyRequest, value: unknown) {
      assignTo(this, this.raw, 'sessionID', value);
    },
  });
}

/**
 * Middleware runs before any hook that can still be added, so ours is put first; an application without middleware pays
 * nothing for this.
 */
function beforeFirstMiddleware(app: FastifyApplication, own: Middleware): void {
  const { use } = app;
  if (!use) return;
  app.use = (...middleware) => {
    app.use = use;
    use.call(app, own);
    return use.apply(app, middleware);
  };
}

/** `app.use()` middleware, such as passport's, gets the raw request. */
function shareWithMiddleware(raw: SessionBearer, life: RequestSession): void {
  raw[LIFE] = life;
  defineSessionAccessors(raw);
}

/** Whatever Fastify does not send at once: Node streams, web streams, and a web `Response` with a body. */
function isStream(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload);
}
