import { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { LiveStreams } from 'nest-gatehouse/admin';
import { ServerState } from '../health/server-state.js';
import type { HttpFront } from '../http/http-front.js';

// How many milliseconds nothing must have happened before connections are closed, because a request may still be on its
// way.
const QUIET = 50;

/**
 * Stops the server without losing a request: readiness fails, new connections are refused, requests in flight are
 * answered, and the last answer of a connection closes it.
 */
export class GracefulStop {
  constructor(
    private readonly app: INestApplication,
    private readonly front: HttpFront,
  ) {}

  /** Resolves when every request is answered, and connections and stores are closed. */
  async run(): Promise<void> {
    const { server, connections } = this.front;
    this.app.get(ServerState).isStopping = true;
    connections.leave();
    // They would go on for as long as their clients listen.
    this.app.get(LiveStreams).close();
    // The system may already have accepted connections for us: let the event loop pick them up.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    // Closing the HTTP server would cut idle connections at once, even with requests that have arrived but are not read
    // yet.
    NetServer.prototype.close.call(server);
    while (!connections.areQuietFor(QUIET)) await delay(QUIET / 5);
    connections.destroy();
    // Stores close after the last answer.
    await this.app.close();
  }
}
