import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, type AbstractHttpAdapter } from '@nestjs/core';
import type { ProblemException } from 'nest-gatehouse/common';
import { SessionEngine } from '../engine/session-engine.js';
import type { MessageCheck } from '../messages/gateway-enhancers.js';
import {
  connectionOf,
  type Handshake,
  knownConnection,
  rememberConnection,
  SocketConnection,
} from '../messages/socket-connection.js';
import { SocketMessage } from '../messages/socket-message.js';
import { markUpgraded } from '../messages/upgraded.js';
import type { Session } from '../session.types.js';
import { closeClient, type GatewayClient, watchGatewayClients, whenClientGoes } from './gateway-clients.js';
import { viewOfHandshake } from './handshake-view.js';
import { closeTransport } from './transport-close.js';
import { watchUpgrades } from './upgrades.js';

/** @returns why the handshake is refused; null to let it through */
export type HandshakeRule = (handshake: Handshake) => ProblemException | null;

/**
 * Where sockets come in: every upgrade of the application's server, and every client of a gateway, on that server or
 * another. Libraries refuse handshakes here, and hear of each socket that opens.
 */
@Injectable()
export class SocketDoor implements OnModuleInit {
  /** What each message of a gateway must pass, in this order, where Nest runs no global guards on gateways. */
  readonly messageGuards: MessageCheck[] = [];
  readonly #rules: HandshakeRule[] = [];
  readonly #listeners: ((connection: SocketConnection) => void)[] = [];

  constructor(
    config: ApplicationConfig,
    private readonly host: HttpAdapterHost,
    private readonly engine: SessionEngine,
  ) {
    watchGatewayClients(config, {
      before: (request) => this.#before(request),
      connected: (client, request) => this.#connected(client, request),
    });
  }

  onModuleInit(): void {
    const server = this.#adapter?.getHttpServer() as Server | undefined;
    if (server) watchUpgrades(server, (request, socket) => this.#upgrade(request, socket));
  }

  /** Every handshake is asked for by this rule, before anything is sent to its client. */
  rule(rule: HandshakeRule): void {
    this.#rules.push(rule);
  }

  /** @param listener is called for each socket that was let in */
  onOpen(listener: (connection: SocketConnection) => void): void {
    this.#listeners.push(listener);
  }

  /** The session of a socket as it is now. @throws 503 if the store cannot tell, whatever `onStoreFailure` is */
  async sessionOf(connection: SocketConnection): Promise<Session | undefined> {
    const message = new SocketMessage(connection);
    await message.open(this.engine);
    const { life } = message;
    if (life?.state.unread) throw life.state.unread;
    const session = life?.session;
    return life?.record === null ? undefined : session;
  }

  get #adapter(): AbstractHttpAdapter | undefined {
    return this.host.httpAdapter as AbstractHttpAdapter | undefined;
  }

  #upgrade(request: IncomingMessage, socket: Duplex): ProblemException | null {
    markUpgraded(request);
    const connection = this.#connection(request);
    const refusal = this.#refusal(connection);
    if (refusal) return refusal;
    socket.once(
      'close',
      connection.openTransport(() => closeTransport(socket)),
    );
    this.#opened(connection);
    return null;
  }

  async #before(request: Handshake): Promise<Error | null> {
    const connection = this.#connection(request);
    const refusal = this.#refusal(connection);
    // Socket.IO sends `data` with the error.
    if (refusal) return Object.assign(new Error(refusal.message), { data: refusal.problem });
    return null;
  }

  #connected(client: GatewayClient, request: Handshake): boolean {
    const connection = rememberConnection(client, this.#connection(request));
    const refusal = this.#refusal(connection);
    if (refusal) {
      closeClient(client, refusal.code);
      return false;
    }
    const wasOpen = connection.isOpen;
    whenClientGoes(
      client,
      connection.openClient(() => closeClient(client)),
    );
    if (!wasOpen) this.#opened(connection);
    return true;
  }

  #connection(request: Handshake): SocketConnection {
    if (!knownConnection(request))
      rememberConnection(request, new SocketConnection(viewOfHandshake(this.#adapter, request)));
    return connectionOf(request);
  }

  #refusal({ request }: SocketConnection): ProblemException | null {
    for (const rule of this.#rules) {
      const refusal = rule(request);
      if (refusal) return refusal;
    }
    return null;
  }

  #opened(connection: SocketConnection): void {
    for (const listener of this.#listeners) listener(connection);
  }
}
