import type { ServerResponse } from 'node:http';
import { type Awaitable, giveBasePath, isExcluded } from 'nest-gatehouse/common';
import { guardAnswer } from './answer-gate.js';
import { defineSessionAccessors, LIFE, type SessionBearer } from '../request/request-slot.js';

import type { SessionEngine } from '../engine/session-engine.js';
import { RequestSession } from '../request/request-session.js';
import type { PlatformRequest } from '../request/visitor.js';

type Next = (error?: unknown) => void;
type ExpressRequest = PlatformRequest & SessionBearer & { readonly url: string };

/** What the binding needs of an Express application. */
export interface ExpressApplication {
  readonly request: object;
  use(middleware: (request: ExpressRequest, response: ServerResponse, next: Next) => void): unknown;
}

/**
 * Opens the session in the first middleware, and commits it when the answer is about to leave.
 */
export function bindExpress(app: ExpressApplication, engine: SessionEngine): void {
  defineSessionAccessors(app.request);
  const { basePath } = engine.options;
  if (basePath !== undefined) giveBasePath(app.request, basePath);
  app.use((request, response, next) => {
    if (isExcluded(engine.options.exclude, request.url)) {
      // Bound, and without a session.
      request[LIFE] = undefined;
      return next();
    }
    const life = new RequestSession(engine, request, response);
    request[LIFE] = life;
    guardAnswer(response, life);
    follow(life.openForRequest(), next);
  });
}

/** Takes the implicit lock: by now the body has been read. */
export function lockBeforeHandler(request: ExpressRequest, _response: unknown, next: Next): void {
  follow(request[LIFE]?.lockForHandler(), next);
}

export function follow(work: Awaitable<void> | undefined, next: Next): void {
  if (work === undefined) next();
  else void work.then(() => next(), next);
}
