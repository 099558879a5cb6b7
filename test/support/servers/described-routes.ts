import { BrowserClient } from '../browser/browser-client.js';
import type { ReferenceServer } from './reference-server.js';

export interface DescribedRoute {
  readonly method: string;
  /** As OpenAPI has it: `/auth/sessions/{handle}`. */
  readonly template: string;
  /** The same with something in place of each parameter. */
  readonly path: string;
  /** Names of the fields that its body may have as JSON. */
  readonly body: readonly string[];
  readonly query: readonly string[];
}

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties?: object } }>>;
  };
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Every route of a running server, from its own description, which `test/server/openapi.spec.ts` holds to be whole. */
export async function routesOf(server: ReferenceServer, parameter = 'none'): Promise<DescribedRoute[]> {
  const { paths } = (await new BrowserClient(server.url).get('/docs-json')).json<Description>();
  return Object.entries(paths).flatMap(([template, methods]) => {
    const path = template.replace(/\{\w+\}/g, parameter);
    return Object.entries(methods).map(([method, { requestBody, parameters = [] }]) => ({
      ...{ method: method.toUpperCase(), template, path },
      body: Object.keys(requestBody?.content['application/json']?.schema.properties ?? {}),
      query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
    }));
  });
}
