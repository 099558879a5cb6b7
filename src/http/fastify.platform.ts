import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Configuration } from '../config/settings.js';
import type { Platform, PlatformTools } from './platform-tools.js';
import { invalidUrl, problemOfStatus } from './problems.js';
import { expectsBody, parseBody, readBody } from './request-body.js';

/** As long as the head of a request may be, so that the router refuses no path that Express accepts. */
const MAX_PARAMETER_LENGTH = 16_384;

class RefusedBody {
  constructor(readonly reason: Error) {}
}

export function createFastifyPlatform(
  configuration: Configuration,
  { createServer, answers }: PlatformTools,
): Platform {
  const adapter = new FastifyAdapter({
    serverFactory: createServer,
    trustProxy: configuration.TRUST_PROXY,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    // Requests in flight are answered when the server stops; see `GracefulStop`.
    return503OnClosing: false,
    // `Connections` handles these errors.
    clientErrorHandler: () => undefined,
    // Errors of the router, which come before any hook runs.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const problem = error.code === 'FST_ERR_BAD_URL' ? invalidUrl() : problemOfStatus(error.statusCode ?? 400);
      reply.hijack();
      answers.send(request.raw, reply.raw, problem);
    },
  });
  const server = adapter.getInstance();
  // By default Fastify requires a body for QUERY, and refuses before it checks whether the path exists.
  server.addHttpMethod('QUERY', { hasBody: false, overrideExisting: true });
  // Uses the id of the request log, so that all lines of a request have the same id.
  server.addHook('onRequest', (request, _reply, done) => {
    request.id = (request.raw as { id?: string }).id ?? request.id;
    done();
  });
  server.addHook('preParsing', (request, _reply, payload, done) => {
    try {
      expectsBody(request.raw);
      done(null, payload);
    } catch (error) {
      done(error as Error);
    }
  });
  server.removeAllContentTypeParsers();
  // If a parser fails, Fastify closes the connection and loses the answers to pipelined requests. So this parser never
  // fails.
  server.addContentTypeParser('*', async (request: { raw: IncomingMessage }) => {
    try {
      return parseBody(request.raw, await readBody(request.raw, configuration.BODY_LIMIT));
    } catch (error) {
      return new RefusedBody(error as Error);
    }
  });
  server.addHook('preValidation', (request, _reply, done) => {
    if (request.body instanceof RefusedBody) done(request.body.reason);
    else done();
  });
  return { adapter, finish: () => undefined };
}
