import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { giveBasePath } from 'nest-gatehouse/common';
import type { Logger } from 'pino';
import type { Configuration } from '../config/settings.js';
import { requestLog } from '../logging/request-log.js';
import { basePathReader } from './base-path.js';
import { Connections } from './connections.js';
import { ProblemAnswers, type Represent } from './problem-answers.js';
import { refusalAtTheDoor } from './request-door.js';
import { securityHeaders } from './security-headers.js';
import { limitServer } from './server-limits.js';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const ONE_MINUTE = 60_000;

/**
 * The HTTP server in front of both platforms. It does what applies to every request before the platform sees it: tracks
 * the connection, starts the log line, sets the security headers, and refuses requests that no route could answer.
 */
export class HttpFront {
  readonly server: Server = createServer();
  readonly connections: Connections;
  readonly answers: ProblemAnswers;
  readonly #serve: (application: RequestHandler, request: IncomingMessage, response: ServerResponse) => void;

  constructor(configuration: Configuration, logger: Logger, represent: Represent) {
    const headers = securityHeaders(configuration);
    const limits = { maxBody: configuration.BODY_LIMIT, maxHeaders: configuration.MAX_HEADERS };
    const log = requestLog(logger);
    const basePath = basePathReader(configuration);
    const { server } = this;
    this.answers = new ProblemAnswers(headers, represent, logger);
    this.connections = new Connections(
      server,
      (problem, request) => this.answers.bytes(problem, request),
      configuration.MAX_REQUESTS_PER_CONNECTION,
    );
    limitServer(server, configuration);
    warnOfDrops(server, logger);

    this.#serve = (application, request, response) => {
      giveBasePath(request, basePath(request));
      if (!this.connections.admit(request, response)) return;
      log(request, response);
      for (const [name, value] of headers) response.setHeader(name, value);
      const refusal = refusalAtTheDoor(request, limits);
      if (refusal) return this.answers.send(request, response, refusal);
      if (request.headers.expect !== undefined && request.httpVersionMinor === 1) response.writeContinue();
      application(request, response);
    };
  }

  /** Attaches the application to the server. @returns the server, which does not listen yet */
  open(application: RequestHandler): Server {
    const serve: RequestHandler = (request, response) => this.#serve(application, request, response);
    // Requests with `Expect` take the same way, because Node would answer some of them itself.
    return this.server.on('request', serve).on('checkContinue', serve).on('checkExpectation', serve);
  }
}

/** Warns at most once a minute, because very many connections may be dropped. */
function warnOfDrops(server: Server, logger: Logger): void {
  let last = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    if (performance.now() - last < ONE_MINUTE) return;
    last = performance.now();
    logger.warn(
      { connections: server.maxConnections },
      'connections are refused: there are as many as MAX_CONNECTIONS allows',
    );
  });
}
