import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Configuration } from '../config/settings.js';
import type { Platform, PlatformTools } from './platform-tools.js';
import { expectsBody, parseBody, readBody } from './request-body.js';

export function createExpressPlatform(configuration: Configuration, { createServer }: PlatformTools): Platform {
  const server = express();
  server.disable('x-powered-by');
  server.disable('etag');
  server.set('trust proxy', configuration.TRUST_PROXY);
  server.set('query parser', 'simple');
  // As on Fastify, so that a path means the same on both.
  server.enable('strict routing');
  server.enable('case sensitive routing');

  class Adapter extends ExpressAdapter {
    override initHttpServer(): void {
      this.httpServer = createServer(server);
    }
  }
  return {
    adapter: new Adapter(server),
    finish: () => {
      // Express's own parser refuses a body that is too large only after the client has sent all of it.
      server.use(async (request: Request, _response: Response, next: NextFunction) => {
        request.body = expectsBody(request)
          ? parseBody(request, await readBody(request, configuration.BODY_LIMIT))
          : undefined;
        next();
      });
    },
  };
}
