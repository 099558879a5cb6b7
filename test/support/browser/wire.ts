import { connect, type Socket } from 'node:net';
import { until } from '../latch.js';

/** An answer as its bytes are on the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export function headerOf({ headers }: WireAnswer, name: string): string | undefined {
  return headers.find(([found]) => found.toLowerCase() === name.toLowerCase())?.[1];
}

/**
 * Reads the bytes of a connection as whole answers, one after the other. `methods` are those of the requests, where one is HEAD.
 * @throws Error where the bytes are anything else
 */
export function readAnswers(bytes: string, methods: readonly string[] = []): WireAnswer[] {
  const answers: WireAnswer[] = [];
  for (let rest = bytes, final = 0; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (end < 0 || !status) throw new Error(`No answer begins here: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
    const isEmpty = status < 200 || status === 204 || status === 304 || methods[final] === 'HEAD';
    const [body, length] = isEmpty ? ['', 0] : readBody(rest.slice(end + 4), headers);
    answers.push({ status, headers, body });
    rest = rest.slice(end + 4 + length);
    if (status >= 200) final++;
  }
  return answers;
}

function readBody(bytes: string, headers: WireAnswer['headers']): [body: string, length: number] {
  const value = (name: string) => headers.find(([found]) => found.toLowerCase() === name)?.[1];
  if (value('transfer-encoding') === 'chunked') return readChunks(bytes);
  const length = Number(value('content-length'));
  if (!(bytes.length >= length)) throw new Error(`A body of ${length} bytes has ${bytes.length}`);
  return [bytes.slice(0, length), length];
}

function readChunks(bytes: string): [body: string, length: number] {
  let body = '';
  for (let at = 0; ;) {
    const size = /^([\da-f]+)\r\n/i.exec(bytes.slice(at, at + 12));
    if (!size) throw new Error(`No chunk begins here: ${JSON.stringify(bytes.slice(at, at + 200))}`);
    const length = Number.parseInt(size[1]!, 16);
    const begin = at + size[0].length;
    if (bytes.slice(begin + length, begin + length + 2) !== '\r\n') throw new Error('A chunk does not end');
    body += bytes.slice(begin, begin + length);
    at = begin + length + 2;
    if (length === 0) return [body, at];
  }
}

/** A socket on which the test writes whatever it likes, and sees each byte that comes back. */
export class Wire {
  received = '';
  /** The server has ended its side. */
  hasEnded = false;
  isClosed = false;

  constructor(readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (text: string) => (this.received += text));
    socket.on('end', () => (this.hasEnded = true)).on('close', () => (this.isClosed = true));
    socket.on('error', () => undefined);
  }

  static to(url: string): Wire {
    const { hostname, port } = new URL(url);
    return new Wire(connect(Number(port), hostname));
  }

  send(bytes: string): this {
    this.socket.write(bytes, 'latin1');
    return this;
  }

  /** Says that nothing more comes; what the server has to say is still read. */
  halfClose(): this {
    this.socket.end();
    return this;
  }

  async waitFor(pattern: RegExp): Promise<this> {
    await until(`${pattern} is received`, () => pattern.test(this.received) || this.isClosed);
    if (!pattern.test(this.received)) throw new Error(`Closed before ${pattern}: ${this.received}`);
    return this;
  }

  /** Everything that has come, when the server has ended its side. */
  async all(): Promise<string> {
    await until('the server ends the connection', () => this.hasEnded || this.isClosed);
    this.socket.destroy();
    return this.received;
  }
}

/** All answers to these bytes, until the server ends the connection. */
export async function answersTo(url: string, bytes: string, methods?: readonly string[]): Promise<WireAnswer[]> {
  return readAnswers(await Wire.to(url).send(bytes).all(), methods);
}
