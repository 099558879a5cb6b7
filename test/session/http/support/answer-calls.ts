import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';

/** One call of a handler on its response. */
export type Call =
  | { readonly call: 'status'; readonly code: number }
  | { readonly call: 'message'; readonly text: string }
  | { readonly call: 'setHeader' | 'appendHeader'; readonly name: string; readonly value: unknown }
  | { readonly call: 'removeHeader'; readonly name: string }
  | { readonly call: 'writeHead'; readonly args: readonly unknown[] }
  | { readonly call: 'write' | 'end'; readonly args: readonly unknown[] }
  | { readonly call: 'pump' | 'pipe'; readonly parts: readonly string[] }
  | { readonly call: 'flushHeaders' | 'tick' | 'wait' | 'fill' | 'wrap' | 'cork' | 'destroy' };

const name = fc.constantFrom('x-one', 'X-Two', 'Link', 'Set-Cookie', 'Content-Type', 'bad name', '');
const value = fc.constantFrom<unknown[]>('plain', 7, ['a=1', 'b=2'], 'größer', 'line\nbreak', '→', undefined, '');
const pair = fc.tuple(fc.constantFrom('x-head', 'Link', 'Set-Cookie', 'X-One'), fc.constantFrom('head', 'second', '→'));
const status = fc.constantFrom(200, 200, 201, 204, 304, 404, 500, 503, 99, 1000);
const message = fc.constantFrom('Fine', 'größer', 'größer →');
const chunk = fc.constantFrom<unknown[]>('text', 'é→', Buffer.from([1, 2, 250]), '', 'z'.repeat(300), 5, null, {});

const heads = fc.oneof(
  fc.tuple(status),
  fc.tuple(status, message),
  fc.tuple(status, fc.array(pair, { maxLength: 3 }).map(Object.fromEntries)),
  fc.tuple(
    status,
    fc.array(pair, { maxLength: 3 }).map((pairs) => pairs.flat()),
  ),
  fc.tuple(status, message, fc.array(pair, { maxLength: 3 }).map(Object.fromEntries)),
  fc.tuple(status, fc.constant(['odd'])),
);

const parts = fc.array(fc.constantFrom('one ', 'two ', 'é'), { minLength: 1, maxLength: 5 });

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ call: fc.constant('status' as const), code: status }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('message' as const), text: message }) },
  {
    weight: 12,
    arbitrary: fc.record({ call: fc.constantFrom('setHeader' as const, 'appendHeader' as const), name, value }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('removeHeader' as const), name }) },
  { weight: 9, arbitrary: fc.record({ call: fc.constant('writeHead' as const), args: heads }) },
  { weight: 15, arbitrary: fc.record({ call: fc.constant('write' as const), args: fc.tuple(chunk) }) },
  {
    weight: 9,
    arbitrary: fc.record({ call: fc.constant('end' as const), args: fc.oneof(fc.constant([]), fc.tuple(chunk)) }),
  },
  { weight: 6, arbitrary: fc.record({ call: fc.constantFrom('pump' as const, 'pipe' as const), parts }) },
  {
    weight: 15,
    arbitrary: fc.record({
      call: fc.constantFrom(
        'flushHeaders' as const,
        'tick' as const,
        'wait' as const,
        'fill' as const,
        'wrap' as const,
        'cork' as const,
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('destroy' as const) }) },
);

export const calls: fc.Arbitrary<Call[]> = fc.array(call, { minLength: 1, maxLength: 8 });

/**
 * Makes the calls, and ends the answer if they have not.
 * @param seen gets the code of every error that was thrown
 * @param isCareless whether what a call throws is the platform's to handle
 */
export async function makeCalls(
  response: ServerResponse,
  list: readonly Call[],
  seen: string[],
  isCareless: boolean,
): Promise<void> {
  // Whether a late write is still told of depends on how fast the answer was.
  response.on('error', () => undefined);
  for (const each of list) {
    try {
      await makeCall(response, each);
      // From here on the answer is the stream's: what would break its head would be thrown into it, which ends any server.
      if (each.call === 'pipe') return;
    } catch (error) {
      seen.push(`${each.call} ${(error as NodeJS.ErrnoException).code ?? (error as Error).name}`);
      if (isCareless) throw error;
    }
  }
  if (response.writableEnded) return;
  try {
    response.end();
  } catch {
    response.destroy();
  }
}

async function makeCall(response: ServerResponse, each: Call): Promise<void> {
  switch (each.call) {
    case 'status':
      response.statusCode = each.code;
      return;
    case 'message':
      response.statusMessage = each.text;
      return;
    case 'setHeader':
    case 'appendHeader':
      // Node keeps a list itself, and appends to it later: each run needs its own.
      response[each.call](
        each.name,
        (Array.isArray(each.value) ? [...(each.value as string[])] : each.value) as string,
      );
      return;
    case 'removeHeader':
      response.removeHeader(each.name);
      return;
    case 'writeHead':
    case 'write':
    case 'end':
      (response[each.call] as (...args: readonly unknown[]) => unknown)(...each.args);
      return;
    case 'pump':
      for await (const part of Readable.from(each.parts)) response.write(part);
      return;
    case 'pipe':
      if (!canBeHead(response)) throw new RangeError('no head to pipe after');
      Readable.from(each.parts).pipe(response);
      return;
    case 'flushHeaders':
      response.flushHeaders();
      return;
    case 'cork':
      response.cork();
      response.write('corked');
      response.uncork();
      return;
    case 'fill':
      if (!response.write('f'.repeat(70_000)) && !response.writableEnded && !response.destroyed)
        await drained(response);
      return;
    case 'tick':
      await Promise.resolve();
      return;
    case 'wait':
      await tick();
      return;
    case 'wrap':
      wrap(response);
      return;
    case 'destroy':
      response.destroy();
  }
}

function canBeHead({ statusCode, statusMessage = '' }: ServerResponse): boolean {
  return statusCode >= 100 && statusCode <= 999 && !/[^\t\x20-\x7e\x80-\xff]/.test(statusMessage);
}

/** As agents that measure do. */
export function wrap(response: ServerResponse): void {
  for (const step of ['writeHead', 'write', 'end'] as const) {
    const inner = response[step] as (...args: unknown[]) => unknown;
    Reflect.set(response, step, function (this: ServerResponse, ...args: unknown[]) {
      return inner.apply(this, args);
    });
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    response.on('drain', done).on('close', done).on('error', done);
  });
}
