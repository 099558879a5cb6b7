import type { ExecutionContext } from '@nestjs/common';
import { type BearingRequest, messageOf, requestOfOperation } from '../messages/message-of.js';

/**
 * The request behind a handler: that of a route or of a GraphQL resolver, or the handshake of a socket with the session
 * of this message. An empty object where there is none, as in a microservice.
 */
export function requestOf(context: ExecutionContext): BearingRequest {
  const message = messageOf(context);
  if (message) return message.request;
  const type: string = context.getType();
  if (type === 'http') return context.switchToHttp().getRequest<BearingRequest>();
  return (type === 'graphql' && requestOfOperation(context.getArgByIndex(2))) || {};
}
