import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export interface PlainAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface OpenRequest {
  send(chunk: string): void;
  finish(chunk?: string): void;
  abort(): void;
  readonly answer: Promise<PlainAnswer>;
}

/** A request whose body is sent as the test likes. */
export function openRequest(url: string, headers: Record<string, string>, method = 'POST'): OpenRequest {
  const outgoing = request(url, { method, headers, agent: false });
  const answer = new Promise<PlainAnswer>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
  });
  answer.catch(() => undefined);
  return {
    send: (chunk) => void outgoing.write(chunk),
    finish: (chunk) => void outgoing.end(chunk),
    abort: () => void outgoing.destroy(),
    answer,
  };
}

/** Writes these bytes on a socket of its own, and reads to the end. A request in it should ask for `Connection: close`. */
export function exchange(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.once('error', reject);
    socket.once('end', () => resolve(text));
    socket.write(bytes);
  });
}

/** A GET request as text, with these header lines. */
export function getRequest(path: string, lines: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n');
}
