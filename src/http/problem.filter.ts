import type { IncomingMessage } from 'node:http';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { basePathOf, type ProblemException } from 'nest-gatehouse/common';
import type { Session } from 'nest-gatehouse/session';
import { ProblemPages } from './problem-pages.js';
import { problemOf, problemOfStatus } from './problems.js';
import { RouteTable } from './route-table.js';

/** An Express or Fastify request, or the raw request that middleware sees. */
type AnyRequest = IncomingMessage & {
  readonly raw?: IncomingMessage;
  readonly originalUrl?: string;
  readonly session?: Session;
};

/** Answers every error with a problem document, or with a page if a browser asked for one. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('Problem');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly pages: ProblemPages,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<AnyRequest>();
    const response = host.switchToHttp().getResponse<object>();
    const adapter = this.host.httpAdapter;
    const problem = this.#problemOf(error, request, response);
    // Causes of 503 are logged where they arise; a 500 is an unexpected error.
    if (problem.getStatus() === 500) this.#log(error);
    if (adapter.isHeadersSent(response)) {
      adapter.end(response);
      return;
    }
    const { contentType, body } = this.pages.represent(
      problem.problem,
      request.headers.accept,
      basePathOf(request),
      request,
    );
    adapter.setHeader(response, 'Content-Type', contentType);
    adapter.setHeader(response, 'Cache-Control', 'no-store');
    adapter.appendHeader?.(response, 'Vary', 'Accept');
    if (problem.retryAfter !== undefined) adapter.setHeader(response, 'Retry-After', String(problem.retryAfter));
    adapter.reply(response, body, problem.getStatus());
  }

  #problemOf(error: unknown, request: AnyRequest, response: object): ProblemException {
    const problem = problemOf(error);
    if (!(error instanceof HttpException) || problem.code !== 'not_found') return problem;
    const path = (request.originalUrl ?? request.url ?? '/').split('?', 1)[0]!;
    const methods = this.routes.methodsOf(path);
    if (methods.length === 0 || methods.includes(request.method ?? '')) return problem;
    this.host.httpAdapter.setHeader(response, 'Allow', methods.join(', '));
    return problemOfStatus(405);
  }

  #log(error: unknown): void {
    this.#logger.error(error instanceof Error ? error : new Error(`A ${typeof error} was thrown`));
  }
}
