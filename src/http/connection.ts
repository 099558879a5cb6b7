import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { ProblemException } from 'nest-gatehouse/common';

/**
 * How long we keep reading what the client sends after our last byte, in milliseconds. Closing with unread bytes resets
 * the connection, and the client may lose the answer before reading it (RFC 9112, 9.6).
 */
const LINGER = 5_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** The last answer of a connection, as bytes. `request` is the one it answers, if there was one. */
export type LastAnswer = (problem: ProblemException, request?: IncomingMessage) => string;

/**
 * The unanswered requests of one socket. Bytes that are not a valid request, or a request that does not arrive
 * completely, end the connection, but only after every earlier request has its complete answer.
 */
export class Connection {
  readonly #waiting: Exchange[] = [];
  #newest: IncomingMessage | undefined;
  #count = 0;
  /** The answer that will close the connection, because the server is stopping. */
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

  /** How many requests have no complete answer yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @returns false if an answer has already announced the close: this one would never be seen, so the request must not
   * be carried out
   */
  admit(request: IncomingMessage, response: ServerResponse, most: number): boolean {
    this.#newest = request;
    if (this.#isEnding || this.#hasAnnouncedClose() || (most > 0 && this.#count >= most)) return false;
    this.#count++;
    this.#waiting.push({ request, response });
    response.once('finish', () => this.#answered());
    if (this.#isLeaving || this.#count === most) this.#closeAfter(response);
    return true;
  }

  /** The server is stopping: the last pending answer closes the connection. */
  leave(): void {
    this.#isLeaving = true;
    const newest = this.#waiting.at(-1)?.response;
    if (newest) this.#closeAfter(newest);
  }

  /** The received bytes are not a valid request, or it did not arrive completely in time. */
  fail(problem: ProblemException): void {
    if (this.#fault || this.#isEnding) return;
    this.#fault = problem;
    this.#ignoreInput();
    this.#endIfDue();
  }

  /** A CONNECT request detaches the socket from the HTTP server, even with pending answers. */
  passDrain(): void {
    this.socket.on('drain', () => {
      const current = this.#waiting[0]?.response;
      if (current?.writableNeedDrain) current.emit('drain');
    });
  }

  /** Only one answer may close the connection, or later ones would be lost. */
  #closeAfter(response: ServerResponse): void {
    if (response.headersSent) return;
    if (this.#closing && !this.#closing.headersSent) this.#closing.removeHeader('Connection');
    response.setHeader('Connection', 'close');
    this.#closing = response;
  }

  /**
   * Whether an answer has announced the close. Many requests may wait, so only both ends of their queue are checked.
   */
  #hasAnnouncedClose(): boolean {
    return [this.#waiting[0], this.#waiting.at(-1)].some(
      (exchange) =>
        exchange?.response.headersSent && /^close$/i.test(String(exchange.response.getHeader('connection'))),
    );
  }

  #answered(): void {
    // Node sends answers in the order of their requests.
    this.#waiting.shift();
    this.#endIfDue();
    this.onAnswered();
  }

  #endIfDue(): void {
    if (!this.#fault || this.#isEnding || this.#waiting.length > 1) return;
    const current = this.#waiting[0];
    if (!current) {
      // A request that was cut off after its answer gets no second one.
      this.#end(this.#newest?.complete === false ? '' : this.lastAnswer(this.#fault));
    } else if (!current.request.complete) {
      // A started answer may already be complete; one that waits for the rest of the request would never end.
      if (current.response.headersSent) this.#destroyIn(LINGER);
      else this.#answerInPlaceOf(current);
    }
  }

  #answerInPlaceOf({ request, response }: Exchange): void {
    const problem = this.#fault!;
    // For the log, because the application does not answer this request.
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

  /** From here on received bytes are discarded, so that the client can finish sending. */
  #ignoreInput(): void {
    this.socket.removeAllListeners('data').removeAllListeners('end');
    this.socket.on('data', () => undefined).resume();
  }

  #destroyIn(delay: number): void {
    const timer = setTimeout(() => this.socket.destroy(), delay);
    this.socket.once('close', () => clearTimeout(timer));
  }
}
