import { Inject, Injectable, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration } from '../config/settings.js';
import { administrationOperations } from './administration.operations.js';
import { consoleOperations } from './console.operations.js';
import { operationObject, PROBLEM_SCHEMA } from './operation-object.js';
import { GROUPS, type Operations } from './operation.js';
import { accountPageOperations, docsOperations, homeOperations } from './page.operations.js';
import { programOperations } from './program.operations.js';
import { serverOperations } from './server.operations.js';
import { signInOperations } from './sign-in.operations.js';
import { telemetryOperations } from './telemetry.operations.js';

const operations: Operations = {
  ...signInOperations,
  ...serverOperations,
  ...programOperations,
  ...administrationOperations,
  ...telemetryOperations,
  ...homeOperations,
  ...docsOperations,
  ...accountPageOperations,
  ...consoleOperations,
};

const ABOUT =
  'Every error is a problem document (RFC 9457) with a stable `code`; a browser that asks for a page gets a page with the same words. Times are ISO 8601 in UTC. ' +
  'Lists are `{ items, next }`, asked for by `limit` and `cursor`. Requests that change something must not come from a page of another site.';

/** All routes that Nest knows, with the description of each. */
@Injectable()
export class ApiDescription {
  #app: INestApplication | undefined;
  #document: Promise<OpenAPIObject> | undefined;

  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  /** To be called once the application is initialised. */
  describe(app: INestApplication): void {
    this.#app = app;
  }

  document(): Promise<OpenAPIObject> {
    this.#document ??= this.#make();
    return this.#document;
  }

  async #make(): Promise<OpenAPIObject> {
    // Imported late, so that only readers of the description wait for the library.
    const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
    const info = new DocumentBuilder()
      .setOpenAPIVersion('3.1.0')
      .setTitle('Gatehouse')
      .setDescription(ABOUT)
      .setVersion('1')
      .addSecurity('cookie', { type: 'apiKey', in: 'cookie', name: this.configuration.SESSION_COOKIE_NAME })
      .addSecurity('bearer', { type: 'http', scheme: 'bearer', description: 'A key `gh_<id>_<secret>`, for programs.' })
      .build();
    const document = SwaggerModule.createDocument(this.#app!, info);
    return {
      ...document,
      tags: GROUPS.map((name) => ({ name })),
      paths: describePaths(document.paths),
      components: { ...document.components, schemas: { Problem: PROBLEM_SCHEMA } },
    };
  }
}

function describePaths(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  const described = Object.entries(paths).map(([path, methods]) => {
    const known = Object.keys(methods).map((method) => [method, describeRoute(method.toUpperCase(), path)]);
    return [path, Object.fromEntries(known)] as const;
  });
  return Object.fromEntries(described);
}

/** A route without a description is listed without details, and a test fails. */
function describeRoute(method: string, path: string): object {
  const operation = (operations as Readonly<Record<string, Operations[keyof Operations]>>)[`${method} ${path}`];
  return operation ? operationObject(method, path, operation) : { responses: {} };
}
