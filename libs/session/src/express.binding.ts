import type { ServerResponse } from 'node:http';
import type { Awaitable } from './awaitable.js';
import { responseGate, type GatedResponse } from './response-gate.js';
import { defineSessionAccessors, LIFE, type SessionBearer } from './session-accessors.js';
import { isExcluded } from './session-exclusion.js';
import type { SessionEngine } from './session-engine.js';
import { RequestSession, type PlatformRequest } from './request-session.js';

type Next = (error?: unknown) => void;
type ExpressRequest = PlatformRequest & SessionBearer & { readonly url: string };
type ExpressResponse = ServerResponse & GatedResponse;

/** What the binding needs of an Express application. */
export interface ExpressApplication {
  readonly request: object;
  readonly response: ServerResponse;
  use(middleware: (request: ExpressRequest, response: ExpressResponse, next: Next) => void): unknown;
}

/**
 * Opens the session in the first middleware, and commits it when the answer is about to leave. The gate sits on the application's own
 * response prototype: no request pays for closures of its own.
 */
export function bindExpress(app: ExpressApplication, engine: SessionEngine): void {
  defineSessionAccessors(app.request);
  responseGate(Object.getPrototypeOf(app.response) as ServerResponse, engine.options)(app.response);
  app.use((request, response, next) => {
    if (isExcluded(engine.options.exclude, request.url)) return next();
    const life = new RequestSession(engine, request);
    request[LIFE] = life;
    response[LIFE] = life;
    follow(life.openForRequest(), next);
  });
}

/** The body has been read by now: the moment for the implicit lock. */
export function lockBeforeHandler(request: ExpressRequest, _response: unknown, next: Next): void {
  follow(request[LIFE]?.lockForHandler(), next);
}

export function follow(work: Awaitable<void> | undefined, next: Next): void {
  if (work === undefined) next();
  else void work.then(() => next(), next);
}
