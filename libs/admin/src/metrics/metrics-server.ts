import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ProblemException } from 'nest-gatehouse/common';
import type { ResolvedAdminOptions } from '../admin.options.js';
import { ADMIN_OPTIONS } from '../admin.tokens.js';
import { MetricsAccess, metricsTokenInvalid, metricsTokenRequired } from './metrics-access.js';
import { Metrics } from './metrics.js';

const PATH = '/metrics';
/** A scraper sends a line and a few headers. */
const REQUEST_TIMEOUT = 10_000;

/** The metrics on a port of their own, which answers nothing else. Listens only if a port is set. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnModuleDestroy {
  #server: Server | undefined;

  constructor(
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    private readonly access: MetricsAccess,
    private readonly metrics: Metrics,
  ) {}

  /** Null while it does not listen. */
  get port(): number | null {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  /** @throws Error of Node if the port is taken */
  async onApplicationBootstrap(): Promise<void> {
    const { metricsPort, metricsHost } = this.options;
    if (metricsPort === null) return;
    const limits = { requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT };
    this.#server = createServer(limits, (request, response) => void this.#answer(request, response));
    this.#server.listen(metricsPort, metricsHost);
    await once(this.#server, 'listening');
  }

  async onModuleDestroy(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store').setHeader('X-Content-Type-Options', 'nosniff');
    const refusal = this.#refusal(request);
    if (refusal) return refuse(response, refusal);
    try {
      const text = await this.metrics.text();
      response.setHeader('Content-Type', this.metrics.contentType).end(request.method === 'HEAD' ? undefined : text);
    } catch {
      refuse(response, new ProblemException(500, 'internal_error', 'The metrics could not be collected.'));
    }
  }

  #refusal({ url, method, headers }: IncomingMessage): ProblemException | null {
    if (url?.split('?', 1)[0] !== PATH) return new ProblemException(404, 'not_found', `Only ${PATH} is here.`);
    if (method !== 'GET' && method !== 'HEAD')
      return new ProblemException(405, 'method_not_allowed', 'Only GET and HEAD are answered here.');
    if (!this.access.needsToken) return null;
    const verdict = this.access.check(headers.authorization);
    if (verdict === 'right') return null;
    return verdict === 'wrong' ? metricsTokenInvalid() : metricsTokenRequired();
  }
}

function refuse(response: ServerResponse, refusal: ProblemException): void {
  if (refusal.getStatus() === 405) response.setHeader('Allow', 'GET, HEAD');
  response.writeHead(refusal.getStatus(), { 'Content-Type': 'application/problem+json; charset=utf-8' });
  response.end(JSON.stringify(refusal.problem));
}
