import type { ExecutionContext } from '@nestjs/common';
import { type BearingRequest, messageOf, requestOfOperation } from '../messages/message-of.js';
import { isBound } from '../request/request-slot.js';

/**
 * The request behind a handler: that of a route or of a GraphQL resolver, or the handshake of a socket with the session
 * of this message. An empty object where there is none, as in a microservice.
 */
export function requestOf(context: ExecutionContext): BearingRequest {
  const type: string = context.getType();
  // `switchToHttp()` would make three functions for each call.
  if (type === 'http') return context.getArgByIndex<BearingRequest>(0);
  const message = messageOf(context);
  if (message) return message.request;
  return (type === 'graphql' && requestOfOperation(context.getArgByIndex(2))) || {};
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
