import { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { ServerState } from '../health/server-state.js';
import type { HttpFront } from '../http/http-front.js';

// How long nothing must have happened before the connections are closed: a request may be under way on the wire.
const QUIET = 50;

/**
 * Takes the server out of service without losing a request: readiness says so, new connections are refused, what is in flight is answered,
 * and the last answer of a connection closes it.
 */
export class GracefulStop {
  constructor(
    private readonly app: INestApplication,
    private readonly front: HttpFront,
  ) {}

  /** Resolves when every request has been answered, and connections and stores are closed. */
  async run(): Promise<void> {
    const { server, connections } = this.front;
    this.app.get(ServerState).isStopping = true;
    connections.leave();
    // Connections that the system has accepted for us already are still ours: let the event loop take them in.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    // The close of an HTTP server would cut idle connections at once, with requests that have arrived and are not read yet.
    NetServer.prototype.close.call(server);
    while (!connections.areQuietFor(QUIET)) await delay(QUIET / 5);
    connections.destroy();
    // Stores close after the last answer.
    await this.app.close();
  }
}
