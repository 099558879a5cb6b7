import type { Server } from 'node:http';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { RequestHandler } from './http-front.js';
import type { ProblemAnswers } from './problem-answers.js';

/** What both platforms are given. */
export interface PlatformTools {
  /** The server in front of the platform's handler. */
  readonly createServer: (handler: RequestHandler) => Server;
  readonly answers: ProblemAnswers;
}

export interface Platform {
  readonly adapter: AbstractHttpAdapter;
  /**
   * To be called once the application is created and sessions are bound, because sessions are opened before the body is
   * read.
   */
  finish(): void;
}
