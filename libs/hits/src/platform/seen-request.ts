import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

type ExpressPath = string | RegExp | readonly (string | RegExp)[];

/** What is read of a request: Express's, which is Node's own, or Fastify's. */
export interface SeenRequest {
  readonly method?: string;
  readonly url?: string;
  /** Express's: as it was before any router has shortened it. */
  readonly originalUrl?: string;
  readonly headers: IncomingHttpHeaders;
  /** Express's route. */
  readonly route?: { readonly path: ExpressPath };
  /** Fastify's route; its `url` is undefined for an unknown path. */
  readonly routeOptions?: { readonly url?: string };
}

/** The property under which an answer carries its request, until it is counted. */
export const SEEN = Symbol('gatehouse:hit');

export interface SeenResponse extends Pick<ServerResponse, 'statusCode' | 'headersSent' | 'on'> {
  [SEEN]?: SeenRequest | null;
}

/** The pattern of the route that the platform has found; undefined if none. */
export function patternOf(request: SeenRequest): string | undefined {
  const pattern = request.routeOptions === undefined ? request.route?.path : request.routeOptions.url;
  return pattern === undefined || typeof pattern === 'string' ? pattern : [pattern].flat().join(' | ');
}

export function targetOf({ originalUrl, url }: SeenRequest): string {
  return originalUrl ?? url ?? '';
}
