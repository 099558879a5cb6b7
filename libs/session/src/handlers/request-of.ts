import type { ExecutionContext } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { isBound, type SessionBearer } from '../request/request-slot.js';

export interface BearingRequest extends SessionBearer {
  readonly headers?: IncomingHttpHeaders;
}

/** The HTTP request behind a handler: that of a route, of a GraphQL resolver, or of a socket's handshake. */
export function requestOf(context: ExecutionContext): BearingRequest {
  const type: string = context.getType();
  // `switchToHttp()` would make three functions for each call.
  if (type === 'http') return context.getArgByIndex<BearingRequest>(0);
  if (type === 'graphql') {
    const graphql = context.getArgByIndex<{ req?: BearingRequest; request?: BearingRequest } | undefined>(2);
    return graphql?.req ?? graphql?.request ?? {};
  }
  if (type === 'ws') {
    const client = context.switchToWs().getClient<{ request?: BearingRequest; upgradeReq?: BearingRequest }>();
    return client.request ?? client.upgradeReq ?? {};
  }
  return {};
}

/** The request, for what makes no sense in an application without sessions. @throws Error if `SessionModule` is missing */
export function bearerOf(context: ExecutionContext): BearingRequest {
  const request = requestOf(context);
  if (context.getType() === 'http' && !isBound(request)) {
    throw new Error(
      `${context.getClass().name}.${context.getHandler().name} asks for the session, but there are none in this application: ` +
        'add SessionModule.forRoot() of nest-gatehouse/session to the imports of the root module.',
    );
  }
  return request;
}
