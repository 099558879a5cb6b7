import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import { isPromise } from './awaitable.js';
import type { RequestSession, SessionAnswer } from './request-session.js';
import { LIFE } from './session-accessors.js';
import { problemBody, REPLACED_HEADERS } from './session-answer.js';
import type { ResolvedSessionOptions } from './session.options.js';

const GATE = Symbol('gatehouse:gate');

type Step = 'write' | 'end' | 'writeHead' | 'flushHeaders';
type Call = readonly [Step, unknown[]];
type Original = Record<Step, (this: ServerResponse, ...args: unknown[]) => unknown>;

export interface GatedResponse {
  [LIFE]?: RequestSession | null;
  [GATE]?: Gate;
}

/** Stands in the way out while a session is being saved; what the handler sends meanwhile waits here in its order. */
class Gate {
  phase: 'head' | 'waiting' | 'open' | 'replaced' | 'done' = 'head';
  streamed = false;
  readonly waiting: Call[] = [];
}

/** Puts the gate on a response, or on the prototype of many. */
export type GateInstaller = (target: ServerResponse) => void;

/** For responses that inherit from `inherited`: each commits its session before the first byte leaves, and finishes it before the last. */
export function responseGate(inherited: ServerResponse, options: ResolvedSessionOptions): GateInstaller {
  const { write, end, writeHead, flushHeaders } = inherited;
  const original = { write, end, writeHead, flushHeaders } as unknown as Original;

  function pass(response: ServerResponse & GatedResponse, step: Step, args: unknown[]): unknown {
    const life = response[LIFE];
    if (!life) return original[step].apply(response, args);
    const gate = (response[GATE] ??= new Gate());
    switch (gate.phase) {
      case 'done':
        return original[step].apply(response, args);
      case 'waiting':
        gate.waiting.push([step, args]);
        return step === 'write' ? false : response;
      case 'replaced':
        return swallow(response, step, args);
      case 'head':
        return beforeHead(response, life, gate, step, args);
      case 'open':
        return step === 'end' ? beforeEnd(response, life, gate, args) : original[step].apply(response, args);
    }
  }

  function beforeHead(
    response: ServerResponse & GatedResponse,
    life: RequestSession,
    gate: Gate,
    step: Step,
    args: unknown[],
  ) {
    gate.streamed = step !== 'end';
    const left = step === 'writeHead' ? takeHeaders(response, args) : args;
    const status = step === 'writeHead' ? (args[0] as number) : response.statusCode;
    const answer = life.commit(status);
    if (isPromise(answer))
      return wait(
        response,
        gate,
        [step, left],
        answer.then((ready) => settle(response, life, gate, ready)),
      );
    settle(response, life, gate, answer);
    return pass(response, step, left);
  }

  function settle(response: ServerResponse, life: RequestSession, gate: Gate, answer: SessionAnswer): void {
    gate.phase = 'open';
    if (answer.problem) return replace(response, life, gate, answer);
    if (life.retryAfter !== undefined && response.statusCode === 503 && !response.hasHeader('retry-after')) {
      response.setHeader('retry-after', life.retryAfter);
    }
    if (answer.setCookie !== undefined) response.appendHeader('set-cookie', answer.setCookie);
    if (answer.token !== undefined) response.setHeader(options.header, answer.token);
    if (answer.noStore && !response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store');
    // A client that leaves in the middle of a stream never lets it end.
    if (gate.streamed && life.isInUse) response.once('close', () => void life.finish(false));
  }

  function replace(response: ServerResponse, life: RequestSession, gate: Gate, { problem }: SessionAnswer): void {
    const { contentType, body } = problemBody(options, problem!.problem, life.request.headers, life.request);
    for (const name of REPLACED_HEADERS) response.removeHeader(name);
    response.statusCode = problem!.getStatus();
    response.statusMessage = '';
    response.setHeader('content-type', contentType);
    response.setHeader('content-length', Buffer.byteLength(body));
    response.setHeader('cache-control', 'no-store');
    if (problem!.retryAfter !== undefined) response.setHeader('retry-after', problem!.retryAfter);
    gate.phase = 'done';
    original.end.call(response, body);
    gate.phase = 'replaced';
    void life.finish(false);
  }

  function beforeEnd(response: ServerResponse, life: RequestSession, gate: Gate, args: unknown[]): unknown {
    const { streamed } = gate;
    if (!streamed && !life.holdsLock) {
      gate.phase = 'done';
      return original.end.apply(response, args);
    }
    return wait(
      response,
      gate,
      ['end', args],
      life.finish(streamed).then(() => void (gate.phase = 'done')),
    );
  }

  function wait(response: ServerResponse, gate: Gate, call: Call, work: Promise<void>): unknown {
    gate.phase = 'waiting';
    gate.waiting.unshift(call);
    work.then(
      () => drain(response, gate),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
    return call[0] === 'write' ? false : response;
  }

  function drain(response: ServerResponse, gate: Gate): void {
    let wrote = false;
    const calls = gate.waiting.splice(0);
    for (let next = calls.shift(); next !== undefined; next = calls.shift()) {
      wrote ||= next[0] === 'write';
      pass(response, next[0], next[1]);
      if ((gate.phase as string) === 'waiting') {
        gate.waiting.push(...calls);
        return;
      }
    }
    if (wrote && !response.writableNeedDrain) response.emit('drain');
  }

  const gated = (step: Step) =>
    function (this: ServerResponse & GatedResponse, ...args: unknown[]) {
      return pass(this, step, args);
    };
  const steps = {
    write: gated('write'),
    end: gated('end'),
    writeHead: gated('writeHead'),
    flushHeaders: gated('flushHeaders'),
  };
  // While a head waits for its session it counts as sent: who asks wants to know whether somebody has answered.
  const headersSent: PropertyDescriptor = {
    configurable: true,
    get(this: ServerResponse & GatedResponse) {
      return (
        (this[GATE] !== undefined && this[GATE].phase !== 'head') ||
        Boolean(Reflect.get(inherited, 'headersSent', this))
      );
    },
  };
  return (target) => void Object.defineProperty(Object.assign(target, steps), 'headersSent', headersSent);
}

/** Moves the headers of `writeHead(status, message?, headers?)` onto the response, so that ours join them instead of being replaced. */
function takeHeaders(response: ServerResponse, args: unknown[]): unknown[] {
  const [status, second, third] = args;
  const message = typeof second === 'string' ? [second] : [];
  const headers = typeof second === 'string' ? third : (second ?? third);
  for (const [name, value] of headerPairs(headers)) {
    if (name.toLowerCase() === 'set-cookie') response.appendHeader(name, value as string | string[]);
    else response.setHeader(name, value);
  }
  return [status, ...message];
}

function headerPairs(headers: unknown): [string, OutgoingHttpHeader][] {
  if (!Array.isArray(headers))
    return Object.entries((headers ?? {}) as Record<string, OutgoingHttpHeader>).filter(
      ([, value]) => value !== undefined,
    );
  if (Array.isArray(headers[0])) return headers as [string, OutgoingHttpHeader][];
  return headers.flatMap((name: string, at) =>
    at % 2 === 0 ? [[name, headers[at + 1] as OutgoingHttpHeader] as [string, OutgoingHttpHeader]] : [],
  );
}

/** The handler goes on writing an answer that nobody will see. */
function swallow(response: ServerResponse, step: Step, args: unknown[]): unknown {
  const callback = args.at(-1);
  if (typeof callback === 'function') process.nextTick(callback);
  return step === 'write' ? true : response;
}
