import { ServerResponse } from 'node:http';
import { commitBeforeAnswer } from '../request/before-answer.js';
import type { RequestSession } from '../request/request-session.js';
import { hasName, headerPairs } from './header-pairs.js';
import type { SessionAnswer } from '../request/session-answer.js';
import { addedHeaders, isSecret, problemBody, REPLACED_HEADERS, RETRIED } from './answer-head.js';
import { isPromise, type ProblemException } from 'nest-gatehouse/common';
import type { End, Wire, WireResponse } from './node-wire.js';

/**
 * Holds back the bytes of an answer while its session is saved, and adds our headers to its head. It works below
 * `write`, `end` and `writeHead`, where Node has already checked the arguments and fixed status and headers. Until the
 * gate opens, the response is in the state of one that waits for its turn on a busy connection. So every call on it
 * behaves as it would without us, and wrappers installed before or after do not matter.
 *
 * Each property that a response gets after Express has changed its prototype takes 5 µs, so there are two for every
 * answer, and two more for one that is held back.
 */
export class ResponseGate {
  #isDecided = false;
  #holds = 0;
  #work: Promise<void> | undefined;
  readonly #response: WireResponse;
  readonly #storeHeader: Wire['_storeHeader'];
  readonly #end: End;
  #writeRaw: Wire['_writeRaw'] | undefined;
  #flush: Wire['_flush'] | undefined;

  constructor(
    response: ServerResponse,
    private readonly life: RequestSession,
  ) {
    const wire = response as WireResponse;
    this.#response = wire;
    // Where this application is mounted in one that has sessions too, these are the methods of the other's gate.
    this.#storeHeader = wire._storeHeader;
    this.#end = wire.end as End;
    wire._storeHeader = (firstLine, headers) => this.storeHeader(firstLine, headers);
    wire.end = ((...args: unknown[]) => this.end(args)) as typeof wire.end;
  }

  storeHeader(firstLine: string, headers: unknown): void {
    const response = this.#response;
    if (this.#isDecided) return this.#storeHeader.call(response, firstLine, headers);
    // Only a head with this header is sent before there is a body.
    const isSentAtOnce = hasName(headers, 'expect');
    if (isSentAtOnce) this.#hold();
    try {
      this.#storeHeader.call(response, firstLine, headers);
    } catch (error) {
      if (isSentAtOnce) this.#holds--;
      throw error;
    }
    this.#isDecided = true;
    const answer = commitBeforeAnswer(this.life, response.statusCode);
    // A refusal replaces what the caller is just sending, so it must wait until that call has returned.
    if (isPromise(answer) || answer.problem || (this.life.isAnsweredAtOnce && this.life.holdsLock)) {
      // The answer ends later than its handler thinks: a write after the end must not raise an `error` event that
      // nobody handles.
      response.on('error', nothing);
      if (!isSentAtOnce) this.#hold();
      this.#work = this.#applyLater(answer, headers);
    } else {
      this.#apply(answer, headers);
      if (isSentAtOnce) this.#open();
    }
  }

  #hold(): void {
    this.#holds++;
    if (this.#writeRaw) return;
    const response = this.#response;
    this.#writeRaw = response._writeRaw;
    this.#flush = response._flush;
    response._writeRaw = (data, encoding, callback) => this.writeRaw(data, encoding, callback);
    response._flush = () => this.flush();
  }

  writeRaw(data: string | Uint8Array, encoding: unknown, callback: unknown): boolean {
    const response = this.#response;
    if (this.#holds === 0 || response.socket?.destroyed)
      return this.#writeRaw!.call(response, data, encoding, callback);
    response.outputData.push({ data, encoding, callback });
    response.outputSize += data.length;
    response._onPendingData(data.length);
    return response.outputSize < response.writableHighWaterMark;
  }

  flush(): void {
    if (this.#holds === 0) this.#flush!.call(this.#response);
  }

  end(args: unknown[]): ServerResponse {
    const response = this.#response;
    if (!this.#isDecided) return this.#endAtOnce(args);
    if (this.life.isAnsweredAtOnce || response.writableEnded || !(this.life.isInUse || this.life.holdsLock))
      return this.#end.apply(response, args);
    this.#hold();
    try {
      return this.#end.apply(response, args);
    } finally {
      if (response.writableEnded) {
        response.on('error', nothing);
        this.#work = this.#finishLater(this.#work);
      } else this.#open();
    }
  }

  #endAtOnce(args: unknown[]): ServerResponse {
    this.life.isAnsweredAtOnce = true;
    try {
      return this.#end.apply(this.#response, args);
    } catch (error) {
      this.life.isAnsweredAtOnce = this.#isDecided;
      throw error;
    }
  }

  async #applyLater(answer: SessionAnswer | Promise<SessionAnswer>, headers: unknown): Promise<void> {
    try {
      this.#apply(await answer, headers);
      if (this.life.isAnsweredAtOnce && this.life.holdsLock) await this.life.finish(false);
      this.#open();
    } catch (error) {
      this.life.engine.warn('An answer could not be sent', error);
      this.#response.destroy();
    }
  }

  /** Saves what a streamed answer still changed before its last byte is sent. */
  async #finishLater(head: Promise<void> | undefined): Promise<void> {
    await head;
    await this.life.finish(true);
    this.#open();
  }

  #open(): void {
    // Through the response's own method, because another gate may still hold it.
    if (--this.#holds === 0 && this.#response.outputData.length > 0) this.#response._flush();
  }

  #apply(answer: SessionAnswer, headers: unknown): void {
    const { life } = this;
    if (answer.problem) return this.#replace(answer.problem, headers);
    const response = this.#response;
    const retryAfter = RETRIED.has(response.statusCode) ? life.state.retryAfter : undefined;
    if (answer.noStore || answer.token !== undefined || retryAfter !== undefined) {
      const has = (name: string) => hasLine(response._header!, headers, name);
      let lines = '';
      for (const [name, value] of addedHeaders(life.engine.options, answer, has, retryAfter))
        lines += `${name}: ${value}\r\n`;
      this.#join(lines, isSecret(answer));
    }
  }

  #join(lines: string, isSecret: boolean): void {
    const response = this.#response;
    const head = response._header!;
    const kept = isSecret ? head.replace(/\r\ncache-control:[^\r]*/gi, '') : head;
    const joined = `${kept.slice(0, -2)}${lines}\r\n`;
    response._header = joined;
    if (!response._headerSent) return;
    const first = response.outputData.find(({ data }) => typeof data === 'string' && data.startsWith(head));
    if (!first) return;
    first.data = joined + (first.data as string).slice(head.length);
    response.outputSize += joined.length - head.length;
    response._onPendingData(joined.length - head.length);
  }

  /**
   * Nothing was sent yet: builds the head again and drops the waiting bytes. Their callbacks report success, as for a
   * client that does not read.
   */
  #replace(problem: ProblemException, headers: unknown): void {
    const { life } = this;
    const response = this.#response;
    const callbacks = response.outputData.map(({ callback }) => callback);
    response._onPendingData(-response.outputSize);
    Object.assign(response, { outputData: [], outputSize: 0 });
    Object.assign(response, { _header: null, _headerSent: false, _contentLength: null, _trailer: '' });
    Object.assign(response, { chunkedEncoding: false, strictContentLength: false, statusMessage: '' });
    response._hasBody = response.req.method !== 'HEAD';

    if (response.getHeaderNames().length === 0) keepHeaders(response, headers);
    for (const name of REPLACED_HEADERS) response.removeHeader(name);
    const { contentType, body } = problemBody(life.engine, problem.problem, life.state.visitor.request);
    response.setHeader('content-type', contentType);
    response.setHeader('content-length', Buffer.byteLength(body));
    response.setHeader('cache-control', 'no-store');
    if (problem.retryAfter !== undefined) response.setHeader('retry-after', problem.retryAfter);
    ServerResponse.prototype.writeHead.call(response, problem.getStatus());
    response._send(response._hasBody ? body : '', 'utf8', (error) => {
      for (const callback of callbacks)
        if (typeof callback === 'function') (callback as (error?: Error) => void)(error);
    });
    // Its handler may continue the answer that was replaced.
    if (!response.writableEnded) (ServerResponse.prototype.end as End).call(response);
    if (life.holdsLock) void life.finish(false);
  }
}

function nothing(): void {
  // The writer's callback has reported it.
}

/**
 * Whether a head has a line of this name. It is searched only if the headers that it was built of have the name:
 * searching takes a large part of what a session costs.
 */
function hasLine(head: string, headers: unknown, name: string): boolean {
  return hasName(headers, name) && head.toLowerCase().includes(`\r\n${name}:`);
}

/** Headers that were given to `writeHead` only are not on the response yet. */
function keepHeaders(response: ServerResponse, headers: unknown): void {
  for (const [name, value] of headerPairs(headers)) {
    if (value !== undefined) response.appendHeader(name, value);
  }
}
