import { ServerResponse } from 'node:http';
import { isPromise, type ProblemException } from 'nest-gatehouse/common';
import { headerPairs } from './header-pairs.js';
import { commitBeforeAnswer } from '../request/before-answer.js';
import type { RequestSession } from '../request/request-session.js';
import type { SessionAnswer } from '../request/session-answer.js';
import { addedHeaders, problemBody, REPLACED_HEADERS, RETRIED } from './answer-head.js';

const STEPS = ['write', 'end', 'writeHead', 'flushHeaders'] as const;
const SETTERS = ['setHeader', 'appendHeader', 'removeHeader'] as const;

type Step = (typeof STEPS)[number];
type Call = readonly [Step, unknown[]];
type Method = (this: object, ...args: unknown[]) => unknown;
/** HTTP/2 has no `appendHeader` in early releases of Node 20. */
type Answer = Omit<ServerResponse, 'appendHeader'> & Partial<Pick<ServerResponse, 'appendHeader'>>;

/**
 * Does what `ResponseGate` does, for HTTP/2 and for the responses of Fastify's `inject()`. Those have no common code
 * below their public methods, so whole calls are queued here while the session is saved. The first call fixes status
 * and headers.
 */
export class CallGate {
  #phase: 'head' | 'waiting' | 'open' | 'replaced' | 'done' = 'head';
  #waiting: Call[] = [];
  readonly #original = new Map<Step, Method>();

  constructor(
    private readonly response: Answer,
    private readonly life: RequestSession,
  ) {
    for (const step of STEPS) {
      this.#original.set(step, response[step] as Method);
      Object.defineProperty(response, step, {
        configurable: true,
        writable: true,
        value: (...args: unknown[]) => this.#pass(step, args),
      });
    }
    const inherited = Object.getPrototypeOf(response) as object;
    // A head that waits for its session counts as sent: callers want to know whether somebody has answered.
    Object.defineProperty(response, 'headersSent', {
      configurable: true,
      get: () => this.#phase !== 'head' || Boolean(Reflect.get(inherited, 'headersSent', response)),
    });
  }

  #pass(step: Step, args: unknown[]): unknown {
    switch (this.#phase) {
      case 'done':
        return this.#call(step, args);
      case 'waiting':
        if (step === 'writeHead') throw headersSent();
        this.#waiting.push([step, args]);
        return step === 'write' ? false : this.response;
      case 'replaced':
        return this.#swallow(step, args);
      case 'head':
        return this.#begin(step, args);
      case 'open':
        return step === 'end' ? this.#end(args) : this.#call(step, args);
    }
  }

  #begin(step: Step, args: unknown[]): unknown {
    this.life.isAnsweredAtOnce ||= step === 'end';
    const left = step === 'writeHead' ? this.#takeHeaders(args) : args;
    const status = step === 'writeHead' ? Number(args[0]) : this.response.statusCode;
    const answer = commitBeforeAnswer(this.life, status);
    if (!isPromise(answer)) {
      this.#apply(answer);
      return this.#pass(step, left);
    }
    const thaw = this.#freeze(status);
    return this.#wait([step, left], () =>
      answer.then((ready) => {
        thaw();
        this.#apply(ready);
      }),
    );
  }

  #end(args: unknown[]): unknown {
    const { life } = this;
    if (this.life.isAnsweredAtOnce ? !life.holdsLock : !life.isInUse) {
      this.#phase = 'done';
      return this.#call('end', args);
    }
    return this.#wait(['end', args], async () => {
      await life.finish(!this.life.isAnsweredAtOnce);
      this.#phase = 'done';
    });
  }

  #wait(call: Call, work: () => Promise<void>): unknown {
    this.#phase = 'waiting';
    this.#waiting.unshift(call);
    work()
      .then(() => this.#drain())
      .catch((error: unknown) => {
        this.life.engine.warn('An answer could not be sent', error);
        this.response.destroy();
      });
    return call[0] === 'write' ? false : this.response;
  }

  /** Makes the queued calls in order; calls made meanwhile come after them. */
  #drain(): void {
    const calls = this.#waiting;
    this.#waiting = [];
    for (const [at, [step, args]] of calls.entries()) {
      this.#pass(step, args);
      if (this.#phase !== 'waiting') continue;
      this.#waiting.push(...calls.slice(at + 1));
      return;
    }
    if (calls.some(([step]) => step === 'write') && !this.response.writableNeedDrain) this.response.emit('drain');
  }

  #call(step: Step, args: unknown[]): unknown {
    return this.#original.get(step)!.apply(this.response, args);
  }

  /** The handler continues an answer that was replaced: its calls do nothing. */
  #swallow(step: Step, args: unknown[]): unknown {
    const callback = args.at(-1);
    if (typeof callback === 'function') process.nextTick(callback);
    return step === 'write' ? true : this.response;
  }

  /**
   * Moves the headers of `writeHead(status, message?, headers?)` onto the response, so that ours are added and not
   * replaced.
   */
  #takeHeaders([status, second, third]: unknown[]): unknown[] {
    const headers = typeof second === 'string' ? third : (second ?? third);
    for (const [name, value] of headerPairs(headers)) {
      if (name.toLowerCase() === 'set-cookie') this.#append(name, value);
      else this.response.setHeader(name, value);
    }
    return typeof second === 'string' ? [status, second] : [status];
  }

  #append(name: string, value: string | readonly string[]): void {
    const before = this.response.getHeader(name);
    this.response.setHeader(name, before === undefined ? [value].flat() : [before, value].flat().map(String));
  }

  /** Refuses changes of status and headers until the answer is sent. @returns a function that allows them again */
  #freeze(status: number): () => void {
    const { response } = this;
    for (const name of SETTERS) {
      Object.defineProperty(response, name, {
        configurable: true,
        value: () => {
          throw headersSent();
        },
      });
    }
    return () => {
      for (const name of SETTERS) Reflect.deleteProperty(response, name);
      response.statusCode = status;
    };
  }

  #apply(answer: SessionAnswer): void {
    const { response, life } = this;
    this.#phase = 'open';
    if (answer.problem) return this.#replace(answer.problem);
    const retryAfter = RETRIED.has(response.statusCode) ? life.state.retryAfter : undefined;
    for (const [name, value] of addedHeaders(
      life.engine.options,
      answer,
      (header) => response.hasHeader(header),
      retryAfter,
    )) {
      if (name === 'set-cookie') this.#append(name, value);
      else response.setHeader(name, value);
    }
  }

  #replace(problem: ProblemException): void {
    const { response, life } = this;
    for (const name of REPLACED_HEADERS) response.removeHeader(name);
    const { contentType, body } = problemBody(life.engine, problem.problem, life.state.visitor.request);
    response.statusCode = problem.getStatus();
    // HTTP/2 has no status message.
    if (response instanceof ServerResponse) response.statusMessage = '';
    response.setHeader('content-type', contentType);
    response.setHeader('content-length', Buffer.byteLength(body));
    response.setHeader('cache-control', 'no-store');
    if (problem.retryAfter !== undefined) response.setHeader('retry-after', problem.retryAfter);
    this.#phase = 'done';
    this.#call('end', [body]);
    this.#phase = 'replaced';
    void life.finish(false);
  }
}

/** The same error as Node's own: frameworks look for its code. */
function headersSent(): Error {
  return Object.assign(new Error('Cannot set headers after they are sent to the client'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  });
}
