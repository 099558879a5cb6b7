import { IncomingMessage, ServerResponse, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/** Keeps what is written to it. */
class Wire extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  text = '';

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('latin1');
    done();
  }
}

/**
 * Hands a request to a server that does not listen, in the same asynchronous context: without a connection, which would
 * hide who has sent it, but with Node's own request and response. @returns the bytes of the answer, as text
 */
export async function sendDirectly(server: Server, headers: Readonly<Record<string, string>>): Promise<string> {
  const wire = new Wire();
  const request = new IncomingMessage(wire as unknown as Socket);
  Object.assign(request, { method: 'GET', url: '/', httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  Object.assign(request.headers, { host: 'localhost', ...headers });
  request.push(null);
  const response = new ServerResponse(request);
  response.assignSocket(wire as unknown as Socket);
  await new Promise<void>((resolve) => {
    response.once('finish', resolve);
    server.emit('request', request, response);
  });
  response.detachSocket(wire as unknown as Socket);
  response.emit('close');
  return wire.text;
}
