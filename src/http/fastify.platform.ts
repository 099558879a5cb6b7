import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Configuration } from '../config/settings.js';
import { answerClientError } from './client-error.js';
import type { Platform, PlatformTools } from './platform.js';
import { invalidUrl, problemOfStatus } from './problems.js';
import { expectsBody, parseBody } from './request-body.js';

export function createFastifyPlatform(
  configuration: Configuration,
  { middleware, represent }: PlatformTools,
): Platform {
  const adapter = new FastifyAdapter({
    bodyLimit: configuration.BODY_LIMIT,
    trustProxy: configuration.TRUST_PROXY,
    // What is in flight when the server stops is answered; see `GracefulStop`.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    // The router refuses these before any hook runs.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      for (const handle of middleware) handle(request.raw, reply.raw, () => undefined);
      const problem = error.code === 'FST_ERR_BAD_URL' ? invalidUrl() : problemOfStatus(error.statusCode ?? 400);
      const { contentType, body } = represent(problem.problem, request.headers.accept);
      void reply
        .code(problem.getStatus())
        .headers({ 'content-type': contentType, 'cache-control': 'no-store', vary: 'Accept' })
        .send(body);
    },
  });
  const server = adapter.getInstance();
  for (const handle of middleware) {
    server.addHook('onRequest', (request, reply, done) =>
      handle(request.raw, reply.raw, done as (error?: unknown) => void),
    );
  }
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
  server.addContentTypeParser<Buffer>(
    '*',
    { parseAs: 'buffer' },
    async (request: { raw: IncomingMessage }, body: Buffer) => parseBody(request.raw, body),
  );
  return { adapter, finish: () => undefined };
}
