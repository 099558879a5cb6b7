import { once } from 'node:events';
import { createServer, request as send, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A proxy that serves an application below a path and strips that path, as nginx does by `location /shop/` with a
 * `proxy_pass` that ends in a slash. Everything else is another application's: 404 `elsewhere`.
 */
export class SubPathProxy {
  /** What is asked for outside of the path. */
  readonly strays: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly base: string,
  ) {}

  /** @param headers what it sets on each request beside `X-Forwarded-For`, `-Host` and `-Proto` */
  static async to(target: string, base: string, headers: Readonly<Record<string, string>>): Promise<SubPathProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new SubPathProxy(server, base);
    server.on('request', (request, response) => {
      const url = request.url ?? '/';
      if (!url.startsWith(`${base}/`)) {
        proxy.strays.push(url);
        response.writeHead(404).end('elsewhere');
        return;
      }
      const forwarded: IncomingHttpHeaders = {
        ...request.headers,
        'x-forwarded-for': '192.0.2.7',
        'x-forwarded-host': request.headers.host,
        'x-forwarded-proto': 'http',
        ...headers,
      };
      const { method } = request;
      const passed = send(target + url.slice(base.length), { method, headers: forwarded }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      passed.on('error', () => response.destroy());
      response.on('close', () => passed.destroy());
      request.pipe(passed);
    });
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
