import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Connection, type LastAnswer } from './connection.js';
import { problemOfStatus } from './problems.js';

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** All connections of a server, including those whose bytes are not a valid request. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  #isLeaving = false;
  #lastActivity = 0;

  constructor(
    private readonly server: Server,
    private readonly lastAnswer: LastAnswer,
    /** How many requests one connection may carry. 0: no limit. */
    private readonly mostRequests = 0,
  ) {
    server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => this.#onFault(error, socket));
    server.on('connect', (_request: IncomingMessage, socket: Socket) => this.#onConnect(socket));
    server.on('timeout', (socket: Socket) => this.#onStandstill(socket));
  }

  /** To be called first for each request. @returns false if the request must not be carried out */
  admit(request: IncomingMessage, response: ServerResponse): boolean {
    return this.#of(request.socket).admit(request, response, this.mostRequests);
  }

  /** From now on each connection closes after its last answer. */
  leave(): void {
    this.#isLeaving = true;
    this.#lastActivity = Date.now();
    for (const connection of this.#open.values()) connection.leave();
  }

  /** Whether no request waits for its answer, and nothing has happened for this many milliseconds. */
  areQuietFor(duration: number): boolean {
    if (Date.now() - this.#lastActivity < duration) return false;
    return [...this.#open.values()].every(({ waiting }) => waiting === 0);
  }

  /** Closes all connections at once. */
  destroy(): void {
    this.server.closeAllConnections();
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #of(socket: Socket): Connection {
    const known = this.#open.get(socket);
    if (known) return known;
    const touch = () => (this.#lastActivity = Date.now());
    const connection = new Connection(socket, this.lastAnswer, touch);
    if (this.#isLeaving) connection.leave();
    this.#open.set(socket, connection);
    socket.once('close', () => {
      this.#open.delete(socket);
      touch();
    });
    return connection;
  }

  #onFault(error: NodeJS.ErrnoException, socket: Socket): void {
    if (socket.destroyed || error.code === 'ECONNRESET') socket.destroy();
    else this.#of(socket).fail(problemOfStatus(STATUS_OF[error.code ?? ''] ?? 400));
  }

  #onConnect(socket: Socket): void {
    const connection = this.#of(socket);
    socket.on('error', () => socket.destroy());
    connection.passDrain();
    connection.fail(problemOfStatus(405));
  }

  /** Called if no byte has moved for `SEND_TIMEOUT`, or for the keep-alive time of an idle connection. */
  #onStandstill(socket: Socket): void {
    const isAnswering = (this.#open.get(socket)?.waiting ?? 0) > 0;
    // A handler may be slow, and a stream may have nothing to send. But a client that does not read its answer is
    // considered gone, and so is one that has closed its side, because only sending could show that it is still there.
    if (!isAnswering || socket.writableLength > 0 || socket.readableEnded) socket.destroy();
  }
}
