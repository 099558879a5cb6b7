import { PassThrough, pipeline, type Readable } from 'node:stream';
import type { ServerResponse } from 'node:http';
import { isPromise } from './awaitable.js';
import { follow } from './express.binding.js';
import { RequestSession, type PlatformRequest, type SessionAnswer } from './request-session.js';
import { responseGate, type GatedResponse, type GateInstaller } from './response-gate.js';
import {
  defineSessionAccessors,
  LIFE,
  readSession,
  readSessionId,
  writeSession,
  type SessionBearer,
} from './session-accessors.js';
import { problemBody, REPLACED_HEADERS } from './session-answer.js';
import type { SessionEngine } from './session-engine.js';
import { isExcluded } from './session-exclusion.js';
import type { ResolvedSessionOptions } from './session.options.js';

type Done = (error?: Error | null, payload?: unknown) => void;
/** Its `ip` and `protocol` are Fastify's, once there is middleware to be run. */
type RawRequest = PlatformRequest & SessionBearer & { readonly url: string };
type FastifyRequest = PlatformRequest & SessionBearer & { readonly url: string; readonly raw: RawRequest };

interface FastifyReply {
  readonly statusCode: number;
  readonly raw: ServerResponse & GatedResponse;
  code(status: number): unknown;
  header(name: string, value: string | number): unknown;
  hasHeader(name: string): boolean;
  removeHeader(name: string): unknown;
}

type Middleware = (raw: RawRequest, rawReply: ServerResponse & GatedResponse, next: (error?: unknown) => void) => void;

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

/** Opens the session in `onRequest` and commits it in `onSend`, before Fastify writes the head. */
export function bindFastify(app: FastifyApplication, engine: SessionEngine): void {
  const { options } = engine;
  decorateRequests(app);

  const gates = new WeakMap<object, GateInstaller>();
  const open = (
    raw: RawRequest,
    rawReply: ServerResponse & GatedResponse,
    request: PlatformRequest,
    next: (error?: unknown) => void,
  ) => {
    const life = new RequestSession(engine, request);
    shareWithMiddleware(raw, life);
    // Server-sent events, and handlers that write to the raw response, never come to `onSend`.
    gateRaw(gates, options, rawReply);
    rawReply[LIFE] = life;
    follow(life.openForRequest(), next);
  };

  beforeFirstMiddleware(app, (raw, rawReply, next) => {
    if (isExcluded(options.exclude, raw.url)) next();
    else open(raw, rawReply, raw, next);
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.raw[LIFE] || isExcluded(options.exclude, request.url)) done();
    else open(request.raw, reply.raw, request, done as (error?: unknown) => void);
  });

  if (options.locking === 'implicit') {
    app.addHook('preHandler', (request, _reply, done) => {
      follow(request.raw[LIFE]?.lockForHandler(), done as (error?: unknown) => void);
    });
  }

  app.addHook('onSend', (request, reply, payload, done) => {
    const life = request.raw[LIFE];
    if (!life) return done(null, payload);
    reply.raw[LIFE] = null;
    if (isStream(payload) && life.isInUse) return sendStream(engine, life, reply, payload, done);
    const answer = life.commit(reply.statusCode);
    if (isPromise(answer)) {
      answer.then(
        (ready) => send(engine, life, reply, payload, ready, done),
        (error: Error) => done(error),
      );
    } else {
      send(engine, life, reply, payload, answer, done);
    }
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
      writeSession(this.raw, value);
    },
  });
  app.decorateRequest('sessionID', {
    getter(this: FastifyRequest) {
      return readSessionId(this.raw);
    },
  });
}

/** Middleware runs before every hook that can still be added; an application without any does not pay for it. */
function beforeFirstMiddleware(app: FastifyApplication, own: Middleware): void {
  const { use } = app;
  if (!use) return;
  app.use = (...middleware) => {
    app.use = use;
    use.call(app, own);
    return use.apply(app, middleware);
  };
}

/** On the object itself: Node is slow with a response that has changed its prototype. */
function gateRaw(gates: WeakMap<object, GateInstaller>, options: ResolvedSessionOptions, raw: ServerResponse): void {
  const own = Object.getPrototypeOf(raw) as ServerResponse;
  let install = gates.get(own);
  if (install === undefined) {
    install = responseGate(own, options);
    gates.set(own, install);
  }
  install(raw);
}

/** `app.use()` middleware, passport's among it, is given the raw request. */
function shareWithMiddleware(raw: SessionBearer, life: RequestSession): void {
  raw[LIFE] = life;
  defineSessionAccessors(raw);
}

function send(
  engine: SessionEngine,
  life: RequestSession,
  reply: FastifyReply,
  payload: unknown,
  answer: SessionAnswer,
  done: Done,
): void {
  const body = settle(engine, life, reply, payload, answer);
  if (!life.holdsLock) return done(null, body);
  void life.finish(false).then(() => done(null, body));
}

/** The first chunk may come from code that still writes to the session, so the head waits for it; the end waits for what came later. */
function sendStream(
  engine: SessionEngine,
  life: RequestSession,
  reply: FastifyReply,
  payload: Readable,
  done: Done,
): void {
  const body = new PassThrough({
    flush: (flushed) => void life.finish(true).then(() => flushed()),
  });
  pipeline(payload, body, () => undefined);
  reply.raw.once('close', () => void life.finish(false));
  const begin = () => {
    body.off('readable', begin).off('error', begin).off('end', begin);
    Promise.resolve(life.commit(reply.statusCode)).then(
      (answer) => {
        const sent = settle(engine, life, reply, body, answer);
        if (sent !== body) payload.destroy();
        done(null, sent);
      },
      (error: Error) => done(error),
    );
  };
  body.once('readable', begin).once('error', begin).once('end', begin);
}

/** Puts what the answer must carry on the reply. @returns the payload to send */
function settle(
  { options }: SessionEngine,
  life: RequestSession,
  reply: FastifyReply,
  payload: unknown,
  answer: SessionAnswer,
): unknown {
  if (answer.problem)
    return replace(reply, answer, problemBody(options, answer.problem.problem, life.request.headers, life.request));
  if (life.retryAfter !== undefined && reply.statusCode === 503 && !reply.hasHeader('retry-after')) {
    reply.header('retry-after', life.retryAfter);
  }
  if (answer.setCookie !== undefined) reply.header('set-cookie', answer.setCookie);
  if (answer.token !== undefined) reply.header(options.header, answer.token);
  if (answer.noStore && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  return payload;
}

function replace(
  reply: FastifyReply,
  { problem }: SessionAnswer,
  { contentType, body }: ReturnType<typeof problemBody>,
): string {
  for (const name of REPLACED_HEADERS) reply.removeHeader(name);
  reply.code(problem!.getStatus());
  reply.header('content-type', contentType);
  reply.header('cache-control', 'no-store');
  if (problem!.retryAfter !== undefined) reply.header('retry-after', problem!.retryAfter);
  return body;
}

function isStream(payload: unknown): payload is Readable {
  return typeof (payload as Readable | null)?.pipe === 'function';
}
