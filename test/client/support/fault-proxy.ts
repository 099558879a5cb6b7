import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Service, RestartableService } from './service.js';

/** The service is stopped and started again: before it sees the request, while it works on it, or before its answer arrives. */
export const RESTARTS = ['restartBefore', 'restartDuring', 'restartAfter'] as const;

/**
 * What happens to one request. Those that end in `After` let the service act first. A number is a status that is
 * answered in its place, with a page of a proxy.
 */
export type Fault =
  | 'none'
  | 'cutBefore'
  | 'cutAfter'
  | 'silentBefore'
  | 'silentAfter'
  | 'halfAfter'
  | 'pageAfter'
  | 'brokenAfter'
  | 'lateBefore'
  | 'lateAfter'
  | (typeof RESTARTS)[number]
  | 429
  | 502
  | 503
  | 504
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object };

/** Of those, the ones after which nobody can know whether the service has acted. */
export const FAULTS = [
  'none',
  'cutBefore',
  'cutAfter',
  'silentBefore',
  'silentAfter',
  'halfAfter',
  'pageAfter',
  'brokenAfter',
  429,
  502,
  503,
  504,
] as const satisfies readonly Fault[];

export const IN_PROGRESS: Fault = {
  status: 409,
  headers: { 'retry-after': '0' },
  body: { status: 409, code: 'idempotency_in_progress', detail: 'The first call still runs.' },
};

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Relayed {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const DELAY = 20;
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding', 'date'];

/** Stands before a service and does to each request what its script says; without a script it passes all on. */
export class FaultProxy {
  /** For the next requests, one each. */
  script: Fault[] = [];
  readonly seen: SeenRequest[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #onSilence: () => void = () => undefined;
  #restarted: Promise<void> = Promise.resolve();

  private constructor(private readonly upstream: Pick<Service, 'url'> & Partial<RestartableService>) {}

  static async before(service: Pick<Service, 'url'>): Promise<FaultProxy> {
    const proxy = new FaultProxy(service);
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  /** Resolves when the next request is left without an answer. */
  silence(): Promise<void> {
    return new Promise((resolve) => (this.#onSilence = resolve));
  }

  /** Resolves when the service is there again. */
  restarted(): Promise<void> {
    return this.#restarted;
  }

  /** Also if the client has gone meanwhile. */
  #restart(): Promise<void> {
    return (this.#restarted = this.#restarted.then(() => this.upstream.restart!()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { method = '', url: path = '', headers } = request;
    this.seen.push({ method, path, headers, body: body.toString() });
    const fault = this.script.shift() ?? 'none';
    if (typeof fault === 'object') return answerWith(response, fault);
    if (typeof fault === 'number') return answerWith(response, { status: fault });
    if (fault === 'cutBefore') return void response.destroy();
    if (fault === 'silentBefore') return this.#onSilence();
    if (fault === 'restartBefore') await this.#restart();
    if (fault === 'lateBefore') await pause(DELAY);
    await this.#restarted;
    if (fault === 'restartDuring') {
      const cut = this.#relay(request, body).catch(() => undefined);
      await Promise.all([cut, this.#restart()]);
      return void response.destroy();
    }
    const relayed = await this.#relay(request, body);
    if (fault === 'restartAfter') await this.#restart();
    if (fault === 'lateAfter') await pause(DELAY);
    if (fault === 'cutAfter' || fault === 'restartAfter') return void response.destroy();
    if (fault === 'silentAfter') return this.#onSilence();
    if (fault === 'pageAfter') return answerWith(response, { status: 200 });
    const { status } = relayed;
    const full = relayed.body;
    const sent = fault === 'halfAfter' || fault === 'brokenAfter' ? full.subarray(0, full.length / 2) : full;
    const length = fault === 'brokenAfter' ? sent.length : full.length;
    // What has no body cannot be cut in two.
    const isCut = fault === 'halfAfter' && full.length > 0;
    response.writeHead(status, { ...relayed.headers, ...(status !== 204 && { 'content-length': length }) });
    if (!isCut) return void response.end(sent);
    response.write(sent, () => response.destroy());
  }

  async #relay({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Relayed> {
    const { host: _host, connection: _connection, 'content-length': _length, ...passed } = headers;
    const response = await fetch(this.upstream.url + url, {
      method,
      headers: passed as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const kept = [...response.headers].filter(([name]) => !HOP_BY_HOP.includes(name));
    return {
      status: response.status,
      headers: Object.fromEntries(kept),
      body: Buffer.from(await response.arrayBuffer()),
    };
  }
}

type Told = Extract<Fault, object>;

function answerWith(response: ServerResponse, { status, headers = {}, body }: Told): void {
  const type = body ? 'application/problem+json' : 'text/html';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(body ? JSON.stringify(body) : `<!doctype html><title>${status}</title><h1>Some gateway</h1>`);
}
