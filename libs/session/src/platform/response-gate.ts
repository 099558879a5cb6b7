import { ServerResponse } from 'node:http';
import type { RequestSession } from '../request/request-session.js';
import { headerPairs } from './header-pairs.js';
import type { SessionAnswer } from '../request/session-answer.js';
import { addedHeaders, isSecret, problemBody, REPLACED_HEADERS, RETRIED } from './answer-head.js';
import { isPromise, type ProblemException } from 'nest-gatehouse/common';
import type { End, Wire, WireResponse } from './node-wire.js';

const GATE = Symbol('gatehouse:gate');
const LINE = { 'cache-control': /\r\ncache-control:/i, 'retry-after': /\r\nretry-after:/i } as const;

interface GatedResponse {
  [GATE]?: ResponseGate;
}

/**
 * Holds back the bytes of an answer while its session is saved, and adds our headers to its head. It works below
 * `write`, `end` and `writeHead`, where Node has already checked the arguments and fixed status and headers. Until the
 * gate opens, the response is in the state of one that waits for its turn on a busy connection. So every call on it
 * behaves as it would without us, and wrappers installed before or after do not matter.
 */
export class ResponseGate {
  #isDecided = false;
  #holds = 0;
  #work: Promise<void> = Promise.resolve();
  readonly #response: WireResponse;
  readonly #inherited: Pick<Wire, '_storeHeader' | '_writeRaw' | '_flush'> & { end: End };

  constructor(
    response: ServerResponse,
    private readonly life: RequestSession,
  ) {
    const wire: WireResponse & GatedResponse = response as WireResponse;
    this.#response = wire;
    // The gate of an application that this one is mounted in, and that has sessions too.
    const outer = wire[GATE];
    const { _storeHeader, _writeRaw, _flush, end } = outer ? outer.#asMethods() : wire;
    this.#inherited = { _storeHeader, _writeRaw, _flush, end: end as End };
    wire[GATE] = this;
    wire._storeHeader = storeHeader;
    wire._writeRaw = writeRaw;
    wire._flush = flush;
    wire.end = gatedEnd as unknown as typeof wire.end;
  }

  #asMethods(): Pick<Wire, '_storeHeader' | '_writeRaw' | '_flush'> & { end: End } {
    return {
      _storeHeader: (firstLine, headers) => this.storeHeader(firstLine, headers),
      _writeRaw: (data, encoding, callback) => this.writeRaw(data, encoding, callback),
      _flush: () => this.flush(),
      end: (...args) => this.end(args),
    };
  }

  storeHeader(firstLine: string, headers: unknown): void {
    const response = this.#response;
    if (this.#isDecided) return this.#inherited._storeHeader.call(response, firstLine, headers);
    this.#holds++;
    try {
      this.#inherited._storeHeader.call(response, firstLine, headers);
    } catch (error) {
      this.#holds--;
      throw error;
    }
    this.#isDecided = true;
    const answer = this.life.commit(response.statusCode);
    // A refusal replaces what the caller is just sending, so it must wait until that call has returned.
    if (isPromise(answer) || answer.problem || (this.life.isAnsweredAtOnce && this.life.holdsLock)) {
      // The answer ends later than its handler thinks: a write after the end must not raise an `error` event that
      // nobody handles.
      response.on('error', nothing);
      this.#work = this.#applyLater(answer, headers);
    } else {
      this.#apply(answer, headers);
      this.#open();
    }
  }

  writeRaw(data: string | Uint8Array, encoding: unknown, callback: unknown): boolean {
    const response = this.#response;
    if (this.#holds === 0 || response.socket?.destroyed)
      return this.#inherited._writeRaw.call(response, data, encoding, callback);
    response.outputData.push({ data, encoding, callback });
    response.outputSize += data.length;
    response._onPendingData(data.length);
    return response.outputSize < response.writableHighWaterMark;
  }

  flush(): void {
    if (this.#holds === 0) this.#inherited._flush.call(this.#response);
  }

  end(args: unknown[]): ServerResponse {
    const response = this.#response;
    if (!this.#isDecided) return this.#endAtOnce(args);
    if (this.life.isAnsweredAtOnce || response.writableEnded || !(this.life.isInUse || this.life.holdsLock))
      return this.#inherited.end.apply(response, args);
    this.#holds++;
    try {
      return this.#inherited.end.apply(response, args);
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
      return this.#inherited.end.apply(this.#response, args);
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
  async #finishLater(head: Promise<void>): Promise<void> {
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
      const head = response._header!;
      const has = (name: keyof typeof LINE) => LINE[name].test(head);
      const added = addedHeaders(life.engine.options, answer, has, retryAfter);
      this.#join(added.map(([name, value]) => `${name}: ${value}\r\n`).join(''), isSecret(answer));
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

function storeHeader(this: GatedResponse, firstLine: string, headers: unknown): void {
  this[GATE]!.storeHeader(firstLine, headers);
}

function writeRaw(this: GatedResponse, data: string | Uint8Array, encoding: unknown, callback: unknown): boolean {
  return this[GATE]!.writeRaw(data, encoding, callback);
}

function flush(this: GatedResponse): void {
  this[GATE]!.flush();
}

function gatedEnd(this: GatedResponse, ...args: unknown[]): ServerResponse {
  return this[GATE]!.end(args);
}

/** Headers that were given to `writeHead` only are not on the response yet. */
function keepHeaders(response: ServerResponse, headers: unknown): void {
  for (const [name, value] of headerPairs(headers)) {
    if (value !== undefined) response.appendHeader(name, value);
  }
}
