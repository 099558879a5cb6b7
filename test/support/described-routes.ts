import { BrowserClient } from './browser-client.js';
import type { ReferenceServer } from './reference-server.js';

export interface DescribedRoute {
  readonly method: string;
  /** As OpenAPI has it: `/auth/sessions/{handle}`. */
  readonly template: string;
  /** The same with something in place of each parameter. */
  readonly path: string;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

/** Every route of a running server, from its own description, which `test/server/openapi.spec.ts` holds to be whole. */
export async function routesOf(server: ReferenceServer, parameter = 'none'): Promise<DescribedRoute[]> {
  const { paths } = (await new BrowserClient(server.url).get('/docs-json')).json<Description>();
  return Object.entries(paths).flatMap(([template, methods]) => {
    const path = template.replace(/\{\w+\}/g, parameter);
    return Object.keys(methods).map((method) => ({ method: method.toUpperCase(), template, path }));
  });
}
