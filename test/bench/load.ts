import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

const CONNECTIONS = 50;
const HEAD_END = '\r\n\r\n';

export interface Load {
  readonly method?: 'GET' | 'POST';
  /** One for all requests, or several by turns. */
  readonly cookie?: string | readonly string[];
  /** More header lines. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly requests: number;
  readonly path: string | ((number: number) => string);
}

/**
 * Sends requests over 50 connections that stay open from one load to the next, one request at a time on each. Written by hand because
 * client and server share the machine: a client as heavy as the server would be measured with it.
 */
export class LoadClient {
  readonly #sockets: Socket[] = [];

  constructor(private readonly url: string) {}

  /** @throws Error unless every answer is 2xx */
  async send({ method = 'GET', cookie, headers = {}, body = '', requests, path }: Load): Promise<void> {
    await this.#connect();
    const { host } = new URL(this.url);
    const length = method === 'POST' ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : '';
    const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const cookies = cookie === undefined || cookie === '' ? [] : [cookie].flat();
    const lines = (cookies.length > 0 ? cookies : [null]).map((one) => (one === null ? '' : `Cookie: ${one}\r\n`));
    const rests = lines.map((line) => ` HTTP/1.1\r\nHost: ${host}\r\n${line}${more.join('')}${length}\r\n${body}`);
    let next = 0;
    const take = () => {
      if (next >= requests) return null;
      const number = next++;
      return `${method} ${typeof path === 'string' ? path : path(number)}${rests[number % rests.length]}`;
    };
    await Promise.all(this.#sockets.map((socket) => exchange(socket, take)));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connect(): Promise<void> {
    const { hostname, port } = new URL(this.url);
    while (this.#sockets.length < CONNECTIONS) {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.setEncoding('latin1');
      await once(socket, 'connect');
      this.#sockets.push(socket);
    }
  }
}

/** Request after request on one connection, until there is none to take. */
function exchange(socket: Socket, take: () => string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = '';
    const stop = (error?: Error) => {
      socket.off('data', onData).off('error', stop).off('close', onClose);
      if (error) reject(error);
      else resolve();
    };
    const onClose = () => stop(new Error('The server closed a connection.'));
    const next = () => {
      const request = take();
      if (request === null) stop();
      else socket.write(request, 'latin1');
    };
    const onData = (chunk: string) => {
      received += chunk;
      const length = lengthOf(received);
      if (length === null || received.length < length) return;
      if (!received.startsWith('HTTP/1.1 2'))
        return stop(new Error(`An answer was not 2xx: ${received.slice(0, 300)}`));
      received = '';
      next();
    };
    socket.on('data', onData).on('error', stop).on('close', onClose);
    next();
  });
}

/** Bytes of the whole answer, null while its head is not complete. */
function lengthOf(received: string): number | null {
  const end = received.indexOf(HEAD_END);
  if (end === -1) return null;
  const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end));
  if (!length) throw new Error(`An answer has no Content-Length: ${received.slice(0, end)}`);
  return end + HEAD_END.length + Number(length[1]);
}
