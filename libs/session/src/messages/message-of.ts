import type { IncomingHttpHeaders } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { LIFE, type SessionBearer } from '../request/request-slot.js';
import { connectionOf, type Handshake, knownConnection, SocketConnection } from './socket-connection.js';
import { SocketMessage } from './socket-message.js';
import { isUpgraded } from './upgraded.js';

export interface BearingRequest extends SessionBearer {
  readonly headers?: IncomingHttpHeaders;
}

/** A client of Socket.IO has its handshake; one of `ws` was seen with it when it connected. */
interface Client {
  readonly request?: Handshake;
  readonly upgradeReq?: Handshake;
}

/** Where the libraries for GraphQL put the request: in the context, or in what they know of the socket. */
interface Carrier extends BearingRequest {
  readonly request?: BearingRequest;
  readonly extra?: { readonly request?: BearingRequest };
}

interface GraphqlContext {
  readonly req?: Carrier;
  readonly request?: Carrier;
  readonly extra?: Carrier;
  readonly reply?: Carrier;
}

const operations = new WeakMap<object, SocketMessage>();

/**
 * The message behind a handler; undefined if an HTTP request is behind it, or a transport without a handshake.
 *
 * @param arrives whether the handler is about to be called. The next field of an operation then gets a message of its
 * own, which reads the session again, because an application may use one context for all operations of a socket.
 */
export function messageOf(context: ExecutionContext, arrives = false): SocketMessage | undefined {
  const type: string = context.getType();
  if (type === 'ws') return messageAmong(context.getArgs<unknown[]>());
  if (type !== 'graphql') return undefined;
  return messageOfOperation(context.getArgByIndex<GraphqlContext | undefined>(2), arrives);
}

/**
 * A message is put among its handler's arguments, before the last one: guards and interceptors get these as one array,
 * and decorators of parameters get its items. Nest has no other object for each message.
 *
 * @param args begin with the client and end with the message's pattern
 */
function messageAmong(args: unknown[]): SocketMessage {
  const known = args.find((each) => each instanceof SocketMessage);
  if (known) return known;
  const message = new SocketMessage(connectionOfClient(args[0] as Client));
  args.splice(Math.max(args.length - 1, 1), 0, message);
  return message;
}

function connectionOfClient(client: Client): SocketConnection {
  const known = knownConnection(client);
  if (known) return known;
  const handshake = client.request ?? client.upgradeReq;
  return handshake ? connectionOf(handshake) : new SocketConnection({ headers: {} });
}

function messageOfOperation(context: GraphqlContext | undefined, arrives: boolean): SocketMessage | undefined {
  const request = requestOfOperation(context);
  const raw = (request as { raw?: Handshake } | undefined)?.raw ?? (request as Handshake | undefined);
  if (!context || !raw || !isHandshake(raw)) return undefined;
  const known = operations.get(context);
  if (known && !(arrives && known.isOver)) return known;
  const message = new SocketMessage(connectionOf(raw));
  operations.set(context, message);
  return message;
}

export function requestOfOperation(context: GraphqlContext | undefined): BearingRequest | undefined {
  const { req, request, extra, reply } = context ?? {};
  const carriers = [req, request, extra, reply].filter((each) => each !== undefined);
  return carriers.map(requestIn).find((each) => each !== undefined) ?? req ?? request;
}

function requestIn(carrier: Carrier): BearingRequest | undefined {
  // A reply of Fastify has a method of this name.
  return typeof carrier.headers === 'object' ? carrier : (carrier.request ?? carrier.extra?.request);
}

/** Servers that are not the application's own are known by what was asked of them. */
function isHandshake(raw: Handshake): boolean {
  if (isUpgraded(raw)) return true;
  return raw[LIFE] === undefined && raw.headers?.upgrade?.toLowerCase() === 'websocket';
}
