import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Configuration } from '../config/settings.js';
import type { Platform, PlatformTools } from './platform.js';
import { invalidUrl, problemOfStatus } from './problems.js';
import { expectsBody, parseBody, readBody } from './request-body.js';

/** No address is longer than the head of a request may be, so the router refuses none that Express does not. */
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
    // What is in flight when the server stops is answered; see `GracefulStop`.
    return503OnClosing: false,
    // `Connections` does.
    clientErrorHandler: () => undefined,
    // The router refuses these before any hook runs.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const problem = error.code === 'FST_ERR_BAD_URL' ? invalidUrl() : problemOfStatus(error.statusCode ?? 400);
      reply.hijack();
      answers.send(request.raw, reply.raw, problem);
    },
  });
  const server = adapter.getInstance();
  // Fastify wants a body of it, and answers before it has looked whether there is anything at this address.
  server.addHttpMethod('QUERY', { hasBody: false, overrideExisting: true });
  // The request log has named the request; whatever else is logged during it goes by the same name.
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
  // Fastify closes the connection over any fault of a parser, with the answers to what was pipelined behind. So a parser has none.
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
