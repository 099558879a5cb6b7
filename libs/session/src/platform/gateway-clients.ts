import type { WebSocketAdapter } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { Handshake } from '../messages/socket-connection.js';
import { CLOSE_REASON, POLICY_VIOLATION } from './transport-close.js';

/** A client of Socket.IO, or of `ws`. */
export interface GatewayClient {
  readonly request?: Handshake;
  readonly connected?: boolean;
  disconnect?(close: boolean): unknown;
  close?(code: number, reason: string): unknown;
  once?(event: 'disconnect' | 'close', listener: () => void): unknown;
}

type Listener = (client: GatewayClient, ...rest: unknown[]) => void;

/** A namespace of Socket.IO, whose middleware runs before a client is connected. */
interface Namespace {
  use?(middleware: (client: GatewayClient, next: (error?: Error) => void) => void): unknown;
}

export interface ClientWatch {
  /** Of Socket.IO, which waits for it. @returns why the client is refused; null to let it connect */
  before(request: Handshake): Promise<Error | null>;
  /** @returns false if the client was refused, and closed */
  connected(client: GatewayClient, request: Handshake): boolean;
}

/** Sees every client of every gateway, on whatever port, through the adapter that serves it. */
export function watchGatewayClients(config: ApplicationConfig, watch: ClientWatch): void {
  const set = config.setIoAdapter;
  config.setIoAdapter = (adapter) => {
    watchAdapter(adapter, watch);
    set.call(config, adapter);
  };
  const adapter = config.getIoAdapter() as WebSocketAdapter | null;
  if (adapter) watchAdapter(adapter, watch);
}

function watchAdapter(adapter: WebSocketAdapter, watch: ClientWatch): void {
  const bind = adapter.bindClientConnect;
  const namespaces = new WeakSet<object>();
  adapter.bindClientConnect = (server: Namespace, callback: Listener) => {
    if (typeof server.use === 'function' && !namespaces.has(server)) {
      namespaces.add(server);
      server.use((client, next) => void watch.before(client.request!).then((error) => next(error ?? undefined), next));
    }
    bind.call(adapter, server, (client: GatewayClient, ...rest: unknown[]) => {
      const request = client.request ?? rest.find(isHandshake);
      if (request === undefined || watch.connected(client, request)) callback(client, ...rest);
    });
  };
}

function isHandshake(value: unknown): value is Handshake {
  return typeof value === 'object' && value !== null && 'headers' in value;
}

/** Closes it so that it does not connect again by itself. */
export function closeClient(client: GatewayClient, reason: string = CLOSE_REASON): void {
  if (client.disconnect) client.disconnect(true);
  else client.close?.(POLICY_VIOLATION, reason);
}

export function whenClientGoes(client: GatewayClient, act: () => void): void {
  client.once?.(client.disconnect ? 'disconnect' : 'close', act);
}
