import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { ProblemDocument } from 'nest-gatehouse/session';
import type { Representation } from './problem-pages.js';

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** What both platforms are given. */
export interface PlatformTools {
  /** Runs first, for every request. */
  readonly middleware: readonly Middleware[];
  readonly represent: (problem: ProblemDocument, accept: string | undefined) => Representation;
}

export interface Platform {
  readonly adapter: AbstractHttpAdapter;
  /** To be called when the application is created and sessions are bound, because they come before the body. */
  finish(server: Server): void;
}
