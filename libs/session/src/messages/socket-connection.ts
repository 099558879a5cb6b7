import { SecretTrail } from '../request/secret-trail.js';
import type { SessionBearer } from '../request/request-slot.js';
import type { PlatformRequest } from '../request/visitor.js';

/** The request with which a socket begins, as the platform sees it where that is known. */
export type Handshake = PlatformRequest & SessionBearer & { readonly url?: string; readonly host?: string };

type Act = () => void;

/** One open socket: the handshake that it began with, and how to close it. */
export class SocketConnection {
  readonly trail = new SecretTrail();
  /** How each client of a gateway on this socket is closed; Socket.IO has one for each namespace. */
  readonly #clients = new Set<Act>();
  readonly #afterClose = new Set<Act>();
  #closeTransport: Act | undefined;

  constructor(readonly request: Handshake) {}

  get isOpen(): boolean {
    return this.#closeTransport !== undefined || this.#clients.size > 0;
  }

  /** The upgrade has been let through. @returns a function to call when the transport has closed */
  openTransport(close: Act): Act {
    this.#closeTransport = close;
    return () => {
      this.#closeTransport = undefined;
      this.#closed();
    };
  }

  /** A gateway has got a client. @returns a function to call when the client has gone */
  openClient(close: Act): Act {
    this.#clients.add(close);
    return () => {
      this.#clients.delete(close);
      this.#closed();
    };
  }

  /** Called once, when nothing of this socket is open any more. */
  afterClose(act: Act): void {
    this.#afterClose.add(act);
  }

  /** By the clients, which tell the other side why, or else by the transport below them. */
  close(): void {
    const ways = this.#clients.size > 0 ? [...this.#clients] : [this.#closeTransport];
    for (const way of ways) way?.();
  }

  #closed(): void {
    if (this.isOpen) return;
    for (const act of this.#afterClose) act();
    this.#afterClose.clear();
  }
}

const connections = new WeakMap<object, SocketConnection>();

/** The connection of a handshake or of a gateway's client; undefined if nobody has seen it begin. */
export function knownConnection(key: object): SocketConnection | undefined {
  return connections.get(key);
}

/** @param key the raw request of the handshake, or a client of a gateway */
export function rememberConnection(key: object, connection: SocketConnection): SocketConnection {
  connections.set(key, connection);
  return connection;
}

/** @param raw the raw request of a handshake */
export function connectionOf(raw: Handshake): SocketConnection {
  return connections.get(raw) ?? rememberConnection(raw, new SocketConnection(bareHandshake(raw)));
}

/** A handshake with the scheme and host that its connection shows, where no platform is known that trusts a proxy. */
export function bareHandshake(raw: Handshake): Handshake {
  const isEncrypted = (raw.socket as { readonly encrypted?: boolean } | undefined)?.encrypted === true;
  const protocol = { value: isEncrypted ? 'https' : 'http' };
  return Object.create(raw, { protocol, host: { value: raw.headers.host } }) as Handshake;
}
