import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { ProblemException } from 'nest-gatehouse/common';

/**
 * How long, after our last byte, we go on reading what the client still sends, in milliseconds. Closing with unread bytes resets the
 * connection, and the client may lose the answer that it was about to read (RFC 9112, 9.6).
 */
const LINGER = 5_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The last answer of a connection, as bytes. `request` is the one it answers, if there was one. */
export type LastAnswer = (problem: ProblemException, request?: IncomingMessage) => string;

/**
 * The requests of one socket that still wait for their answers. Bytes that are no request, or a request that does not arrive whole, end
 * the connection: not before every request in front of them has its whole answer, and never in the middle of one.
 */
export class Connection {
  readonly #waiting: Exchange[] = [];
  #newest: IncomingMessage | undefined;
  #count = 0;
  /** Which answer is to close the connection, because the server stops. */
  #closing: ServerResponse | undefined;
  #fault: ProblemException | undefined;
  #isEnding = false;
  #isLeaving = false;

  constructor(
    private readonly socket: Socket,
    private readonly lastAnswer: LastAnswer,
    private readonly onAnswered: () => void,
  ) {
    // Node calls this after an answer with `Connection: close`.
    socket.destroySoon = () => this.#end();
  }

  /** How many requests have no whole answer yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** @returns false where the client is told to close already: nobody would see the answer, so the request must not be carried out */
  admit(request: IncomingMessage, response: ServerResponse, most: number): boolean {
    this.#newest = request;
    if (this.#isEnding || this.#isTold() || (most > 0 && this.#count >= most)) return false;
    this.#count++;
    this.#waiting.push({ request, response });
    response.once('finish', () => this.#answered());
    if (this.#isLeaving || this.#count === most) this.#closeAfter(response);
    return true;
  }

  /** The server stops: the last of the answers under way closes the connection. */
  leave(): void {
    this.#isLeaving = true;
    const newest = this.#waiting.at(-1)?.response;
    if (newest) this.#closeAfter(newest);
  }

  /** What has arrived cannot be read as a request, or has not arrived whole in time. */
  fail(problem: ProblemException): void {
    if (this.#fault || this.#isEnding) return;
    this.#fault = problem;
    this.#ignoreInput();
    this.#settle();
  }

  /** CONNECT takes the socket away from its HTTP server, answers under way or not. */
  passDrain(): void {
    this.socket.on('drain', () => {
      const current = this.#waiting[0]?.response;
      if (current?.writableNeedDrain) current.emit('drain');
    });
  }

  /** One answer alone may close the connection, or those behind it would be lost. */
  #closeAfter(response: ServerResponse): void {
    if (response.headersSent) return;
    if (this.#closing && !this.#closing.headersSent) this.#closing.removeHeader('Connection');
    response.setHeader('Connection', 'close');
    this.#closing = response;
  }

  /** Whether the client knows that the connection closes. A flood of requests may wait, so only the ends of their queue are looked at. */
  #isTold(): boolean {
    return [this.#waiting[0], this.#waiting.at(-1)].some(
      (exchange) =>
        exchange?.response.headersSent && /^close$/i.test(String(exchange.response.getHeader('connection'))),
    );
  }

  #answered(): void {
    // Node sends the answers in the order of their requests.
    this.#waiting.shift();
    this.#settle();
    this.onAnswered();
  }

  #settle(): void {
    if (!this.#fault || this.#isEnding || this.#waiting.length > 1) return;
    const current = this.#waiting[0];
    if (!current) {
      // A request that broke off after it was answered gets no second answer.
      this.#end(this.#newest?.complete === false ? '' : this.lastAnswer(this.#fault));
    } else if (!current.request.complete) {
      // An answer that has begun may be all of it; one that waits for the rest of the request never ends.
      if (current.response.headersSent) this.#destroyIn(LINGER);
      else this.#answerInPlaceOf(current);
    }
  }

  #answerInPlaceOf({ request, response }: Exchange): void {
    const problem = this.#fault!;
    // For the log: the application has no answer of its own to this.
    response.statusCode = problem.getStatus();
    this.#end(this.lastAnswer(problem, request));
  }

  #end(bytes = ''): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const isRead = this.#fault === undefined && this.#newest?.complete !== false;
    if (isRead) {
      Socket.prototype.destroySoon.call(this.socket);
      return;
    }
    if (!this.socket.writable) {
      this.socket.destroy();
      return;
    }
    this.#ignoreInput();
    this.socket.end(bytes);
    this.#destroyIn(LINGER);
  }

  /** From here on bytes are read, so that the client can send them, and thrown away. */
  #ignoreInput(): void {
    this.socket.removeAllListeners('data').removeAllListeners('end');
    this.socket.on('data', () => undefined).resume();
  }

  #destroyIn(delay: number): void {
    const timer = setTimeout(() => this.socket.destroy(), delay);
    this.socket.once('close', () => clearTimeout(timer));
  }
}
