import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Configuration } from '../config/settings.js';
import { answerClientError } from './client-error.js';
import type { Platform, PlatformTools } from './platform.js';
import { expectsBody, parseBody } from './request-body.js';

export function createExpressPlatform(configuration: Configuration, { middleware }: PlatformTools): Platform {
  const server = express();
  server.disable('x-powered-by');
  server.disable('etag');
  server.set('trust proxy', configuration.TRUST_PROXY);
  server.set('query parser', 'simple');
  // As on Fastify, so that an address means one thing on both.
  server.enable('strict routing');
  server.enable('case sensitive routing');
  for (const handle of middleware) server.use(handle);

  const readBody = express.raw({
    type: (request) => expectsBody(request),
    limit: configuration.BODY_LIMIT,
    inflate: false,
  });
  return {
    adapter: new ExpressAdapter(server),
    finish: (httpServer) => {
      httpServer.on('clientError', answerClientError);
      server.use(readBody, (request: Request, _response: Response, next: NextFunction) => {
        request.body = Buffer.isBuffer(request.body) ? parseBody(request, request.body) : undefined;
        next();
      });
    },
  };
}
