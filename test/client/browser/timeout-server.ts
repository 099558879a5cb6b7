import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';

const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; require-trusted-types-for 'script'";

export const MINUTE = 60_000;

/** Serves a page with the element, and a session with a clock of its own. */
export class TimeoutServer {
  idleTimeout = 30 * MINUTE;
  absoluteTimeout = 12 * 60 * MINUTE;
  /** Attributes of the element. */
  attributes = 'sign-out="/out" ended="/ended"';
  /** Whether routes of the session fail. */
  isBroken = false;
  /** Awaited before the next answer that tells the ends is sent, with the ends as they were when it was asked for. */
  hold: Promise<void> | undefined;
  /** The requests to the session, as `METHOD path`. */
  readonly asked: string[] = [];
  readonly passive: string[] = [];
  #session: { readonly createdAt: number; lastSeenAt: number } | null = null;
  #shift = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<TimeoutServer> {
    const server = new TimeoutServer();
    await new Promise<void>((listening) => server.#server.listen(0, '127.0.0.1', listening));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((closed) => this.#server.close(() => closed()));
  }

  get isLive(): boolean {
    return this.#session !== null && Math.min(...this.#ends(this.#session)) > this.#now();
  }

  begin(): void {
    this.#session = { createdAt: this.#now(), lastSeenAt: this.#now() };
  }

  end(): void {
    this.#session = null;
  }

  /** A request of a user, not of the element. */
  use(): void {
    if (this.#session && this.isLive) this.#session.lastSeenAt = this.#now();
  }

  advance(milliseconds: number): void {
    this.#shift += milliseconds;
  }

  #now(): number {
    return Date.now() + this.#shift;
  }

  #ends({ createdAt, lastSeenAt }: { createdAt: number; lastSeenAt: number }): [idle: number, absolute: number] {
    const absolute = createdAt + this.absoluteTimeout;
    return [Math.min(lastSeenAt + this.idleTimeout, absolute), absolute];
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!.split('?')[0]!;
    response.setHeader('date', new Date(this.#now()).toUTCString());
    response.setHeader('content-security-policy', POLICY);
    if (path === '/timeout.js') {
      response.setHeader('content-type', 'text/javascript');
      return void response.end(await readFile('dist/libs/client/src/timeout.js'));
    }
    if (path === '/words.js') {
      response.setHeader('content-type', 'text/javascript');
      return void response.end(
        "import { GatehouseTimeout } from '/timeout.js'; GatehouseTimeout.words.extend = 'Weiter';",
      );
    }
    if (path === '/' || path === '/ended') return this.#page(response, path);
    this.asked.push(`${request.method} ${path}`);
    if (request.headers['x-session-passive'] === '1') this.passive.push(`${request.method} ${path}`);
    else this.use();
    if (this.isBroken) return void response.writeHead(503).end();
    if (path === '/out') this.end();
    if (path !== '/api/session') return void response.writeHead(this.isLive ? 204 : 401).end();
    response.setHeader('content-type', 'application/json');
    const view = JSON.stringify(this.#view());
    const { hold } = this;
    this.hold = undefined;
    await hold;
    response.end(view);
  }

  #view(): object {
    if (!this.#session || !this.isLive) return { active: false };
    const { createdAt, lastSeenAt } = this.#session;
    const [idleExpiresAt, absoluteExpiresAt] = this.#ends(this.#session);
    const times = { createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt };
    const texts = Object.entries(times).map(([name, time]) => [name, new Date(time).toISOString()]);
    return { active: true, ...(Object.fromEntries(texts) as object) };
  }

  #page(response: ServerResponse, path: string): void {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    const head = `<!doctype html><html lang="en"><title>${path}</title><link rel="icon" href="data:,">`;
    const script = '<script type="module" src="/words.js"></script>';
    const element = `<gatehouse-timeout ${this.attributes}></gatehouse-timeout>`;
    response.end(
      `${head}${path === '/' ? script : ''}<h1>${path}</h1><button>Work</button>${path === '/' ? element : ''}`,
    );
  }
}
