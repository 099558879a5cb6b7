import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';

// How long nothing must have happened before the connections are closed: a request may be under way on the wire.
const QUIET = 50;

/**
 * Takes a server out of service without losing a request: new connections are refused, what is in flight is answered, and each
 * answer closes its connection.
 */
export class GracefulStop {
  readonly #inFlight = new Set<ServerResponse>();
  #isStopping = false;
  #lastActivity = 0;

  constructor(private readonly server: Server) {
    server.prependListener('request', (_request, response) => this.#follow(response));
  }

  /** Resolves when every request has been answered and every idle connection is closed. */
  async drain(): Promise<void> {
    this.#isStopping = true;
    this.#lastActivity = Date.now();
    for (const response of this.#inFlight) this.#closeAfter(response);
    // Connections that the system has accepted for us already are still ours: let the event loop take them in.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    // The close of an HTTP server would cut idle connections at once, with requests that have arrived and are not read yet.
    NetServer.prototype.close.call(this.server);
    while (this.#inFlight.size > 0 || Date.now() - this.#lastActivity < QUIET) await delay(QUIET / 5);
    this.server.closeIdleConnections();
  }

  #follow(response: ServerResponse): void {
    this.#inFlight.add(response);
    if (this.#isStopping) this.#closeAfter(response);
    response.once('close', () => {
      this.#inFlight.delete(response);
      this.#lastActivity = Date.now();
    });
  }

  #closeAfter(response: ServerResponse): void {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  }
}
