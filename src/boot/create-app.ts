import 'reflect-metadata';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { basePathOf } from 'nest-gatehouse/common';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.js';
import type { Configuration } from '../config/settings.js';
import { ApiDescription } from '../docs/api-description.js';
import { GracefulStop } from './graceful-stop.js';
import { HttpFront } from '../http/http-front.js';
import { createPlatform } from '../http/platform.js';
import { ProblemPages } from '../http/problem-pages.js';
import { createNestLogger } from '../logging/nest-logger.js';

export interface CreatedApp {
  readonly app: INestApplication<Server>;
  readonly stop: GracefulStop;
}

/** The whole server, ready to listen. @throws ConfigurationError, OptionsError, or an error of its store */
export async function createApp(configuration: Configuration, logger: Logger): Promise<CreatedApp> {
  const front = new HttpFront(configuration, logger, (problem, request) =>
    app.get(ProblemPages).represent(problem, request?.headers.accept, request ? basePathOf(request) : ''),
  );
  const platform = await createPlatform(configuration, {
    createServer: (application) => front.open(application),
    answers: front.answers,
  });
  const app: INestApplication<Server> = await NestFactory.create(
    AppModule.forRoot(configuration, logger),
    platform.adapter,
    {
      logger: createNestLogger(logger),
      abortOnError: false,
      bodyParser: false,
    },
  );
  platform.finish();
  await app.init();
  app.get(ApiDescription).describe(app);
  return { app, stop: new GracefulStop(app, front) };
}
