import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ProblemDocument, ProblemException } from 'nest-gatehouse/common';
import type { Logger } from 'pino';
import type { Representation } from './problem-pages.js';
import type { HeaderList } from './security-headers.js';

/** All methods that any route of this server supports. */
const METHODS = 'DELETE, GET, HEAD, PATCH, POST, PUT';

export type Represent = (problem: ProblemDocument, request: IncomingMessage | undefined) => Representation;

/**
 * Answers problems outside the application: for requests that do not reach it, and for bytes that are not a request.
 */
export class ProblemAnswers {
  constructor(
    private readonly securityHeaders: HeaderList,
    private readonly represent: Represent,
    private readonly logger: Logger,
  ) {}

  /**
   * Answers a request that is not carried out, and closes the connection. Only after an invalid URL it stays open,
   * because the next request's start is known then.
   */
  send(request: IncomingMessage, response: ServerResponse, problem: ProblemException): void {
    const { contentType, body } = this.represent(problem.problem, request);
    response.statusCode = problem.getStatus();
    response.setHeader('Content-Type', contentType);
    response.setHeader('Content-Length', Buffer.byteLength(body));
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Vary', 'Accept');
    if (problem.code !== 'invalid_url') response.setHeader('Connection', 'close');
    response.end(body);
  }

  /** The same answer as bytes, the last ones of a connection: for `request`, or for bytes that are not a request. */
  bytes(problem: ProblemException, request?: IncomingMessage & { readonly id?: unknown }): string {
    const id = typeof request?.id === 'string' ? request.id : randomUUID();
    const status = problem.getStatus();
    if (!request) this.logger.info({ request: id, status, code: problem.code }, 'unreadable request');
    const { contentType, body } = this.represent(problem.problem, request);
    const headers: HeaderList = [
      ['X-Request-Id', id],
      ...this.securityHeaders,
      ['Content-Type', contentType],
      ['Content-Length', String(Buffer.byteLength(body))],
      ['Cache-Control', 'no-store'],
      ...(request ? [['Vary', 'Accept'] as const] : []),
      ...(status === 405 ? [['Allow', METHODS] as const] : []),
      ['Date', new Date().toUTCString()],
      ['Connection', 'close'],
    ];
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
    return request?.method === 'HEAD' ? head : head + body;
  }
}
