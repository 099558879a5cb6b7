import 'reflect-metadata';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Configuration } from './config/settings.js';
import { ApiDescription } from './docs/api-description.js';
import { answerFaultsOurselves } from './http/client-error.js';
import { createExpressPlatform } from './http/express.platform.js';
import { createFastifyPlatform } from './http/fastify.platform.js';
import type { PlatformTools } from './http/platform.js';
import { ProblemPages } from './http/problem-pages.js';
import { requestDoor } from './http/request-door.js';
import { securityHeaders } from './http/security-headers.js';
import { createNestLogger } from './logging/nest-logger.js';
import { requestLog } from './logging/request-log.js';

/** The whole server, ready to listen. @throws ConfigurationError, OptionsError, or what its store could not do */
export async function createApp(configuration: Configuration, logger: Logger): Promise<INestApplication<Server>> {
  const tools: PlatformTools = {
    middleware: [requestLog(logger), securityHeaders(configuration), requestDoor],
    represent: (problem, accept) => app.get(ProblemPages).represent(problem, accept),
  };
  const createPlatform = configuration.HTTP_ADAPTER === 'express' ? createExpressPlatform : createFastifyPlatform;
  const platform = createPlatform(configuration, tools);
  const app: INestApplication<Server> = await NestFactory.create(
    AppModule.forRoot(configuration, logger),
    platform.adapter,
    {
      logger: createNestLogger(logger),
      abortOnError: false,
      bodyParser: false,
    },
  );
  const server = app.getHttpServer();
  answerFaultsOurselves(server);
  platform.finish(server);
  await app.init();
  app.get(ApiDescription).describe(app);
  return app;
}
