import type { AbstractHttpAdapter } from '@nestjs/core';
import { bareHandshake, type Handshake } from '../messages/socket-connection.js';

interface ExpressApplication {
  readonly request: object;
}

/** Fastify keeps the class of its requests, which knows which proxies are trusted, under this symbol. */
const FASTIFY_REQUEST = 'fastify.Request';

/**
 * A handshake passes no platform. This shows it as the platform shows its requests, with the client's address, the
 * scheme and the host by the rules for trusted proxies.
 */
export function viewOfHandshake(adapter: AbstractHttpAdapter | undefined, raw: Handshake): Handshake {
  const type = adapter?.getType();
  // Express does the same with each of its requests.
  if (type === 'express')
    return Object.setPrototypeOf(raw, adapter!.getInstance<ExpressApplication>().request) as Handshake;
  const prototype = type === 'fastify' ? fastifyPrototype(adapter!.getInstance<object>()) : undefined;
  return prototype === undefined
    ? bareHandshake(raw)
    : (Object.create(prototype, { raw: { value: raw } }) as Handshake);
}

function fastifyPrototype(application: object): object | undefined {
  const symbol = Object.getOwnPropertySymbols(application).find(({ description }) => description === FASTIFY_REQUEST);
  const request = symbol && (Reflect.get(application, symbol) as { readonly prototype?: object } | undefined);
  return request?.prototype;
}
