import { once } from 'node:events';
import { loadConfiguration, type Environment } from '../../../src/config/configuration.js';
import { HttpFront, type RequestHandler } from '../../../src/http/http-front.js';
import { createLogger } from '../../../src/logging/request-log.js';

export interface RunningFront {
  readonly front: HttpFront;
  readonly url: string;
  close(): Promise<void>;
}

/** The HTTP server of the reference server, with a handler of the test's in place of a platform. */
export async function startFront(handler: RequestHandler, environment: Environment = {}): Promise<RunningFront> {
  const { configuration } = loadConfiguration(environment);
  const front = new HttpFront(configuration, createLogger('silent'), (problem, request) =>
    request?.headers.accept?.includes('text/html')
      ? { contentType: 'text/html; charset=utf-8', body: `<h1>${problem.title}</h1>` }
      : { contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem) },
  );
  const server = front.open(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    front,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      front.connections.destroy();
      await closed;
    },
  };
}
