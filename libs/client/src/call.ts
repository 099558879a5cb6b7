import { refusalOf, type Arrived } from './answers.js';
import type { Settings } from './client.options.js';
import { DeadlineError, NetworkError, SessmanError } from './errors.js';
import { pause, TIME_IS_UP, within } from './within.js';

type Signals = readonly (AbortSignal | undefined)[];

/** One logical call, however many attempts it takes. */
export interface Call {
  readonly method?: 'GET' | 'POST';
  /** Below `/sessman/`. */
  readonly route: string;
  readonly query?: Readonly<Record<string, string | null | undefined>>;
  /** JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** How the last attempt of a call ended. */
export interface Ended {
  readonly result: Arrived | SessmanError;
  /** Whether an attempt before that one may have taken effect, because its answer was lost. */
  readonly mayHaveActed: boolean;
}

const FIRST_WINDOW = 200;
const WIDEST_WINDOW = 10_000;
const RETRIED = [429, 502, 503, 504];

/** @throws SessmanError, or the reason of a signal that aborts */
export async function call(settings: Settings, request: Call): Promise<Arrived> {
  const { result } = await attempts(settings, request);
  if (result instanceof SessmanError) throw result;
  return result;
}

/**
 * Makes the request, each time with the same headers and body, until an attempt is answered or another one makes no
 * sense. Between two attempts it waits for a random part of a window that doubles (full jitter), on top of what
 * `Retry-After` asks for. @throws the reason of a signal that aborts
 */
export async function attempts(settings: Settings, request: Call): Promise<Ended> {
  const signals = [settings.signal, request.signal];
  const send = senderOf(settings, request);
  const end = performance.now() + settings.deadline;
  let mayHaveActed = false;
  for (let attempt = 0; ; attempt++) {
    const result = await attemptOnce(settings.timeout, end - performance.now(), signals, send);
    if (!isRetried(result) || attempt >= settings.retries) return { result, mayHaveActed };
    const window = Math.min(WIDEST_WINDOW, FIRST_WINDOW * 2 ** attempt);
    const wait = (result.retryAfter ?? 0) * 1_000 + Math.random() * window;
    if (performance.now() + wait >= end) return { result, mayHaveActed };
    mayHaveActed ||= result.status !== 429 && result.status !== 409;
    await pause(wait, signals);
  }
}

function senderOf(settings: Settings, { method = 'POST', route, query = {}, body, headers }: Call) {
  const url = new URL(`${settings.url}/${route}`);
  for (const [name, value] of Object.entries(query)) if (value != null) url.searchParams.set(name, value);
  const init = {
    method,
    // The key is the only credential, so that no cookie of the page is sent along.
    credentials: 'omit' as const,
    cache: 'no-store' as const,
    headers: {
      accept: 'application/json',
      ...(settings.auth && { authorization: `Bearer ${settings.auth}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body }),
  };
  return async (signal: AbortSignal): Promise<Arrived> => {
    const response = await settings.fetch(url.href, { ...init, signal });
    const text = await response.text();
    // A proxy may repeat the request in its answer.
    const safe = !response.ok && settings.auth ? text.replaceAll(settings.auth, '…') : text;
    return { status: response.status, headers: response.headers, text: safe };
  };
}

async function attemptOnce(
  timeout: number,
  left: number,
  signals: Signals,
  send: (signal: AbortSignal) => Promise<Arrived>,
): Promise<Arrived | SessmanError> {
  try {
    const arrived = await within(Math.min(timeout, left), signals, send);
    return arrived.status < 300 ? arrived : refusalOf(arrived, retryAfterOf(arrived.headers));
  } catch (error) {
    const aborted = signals.find((signal) => signal?.aborted);
    if (aborted) throw aborted.reason;
    if (error !== TIME_IS_UP) return new NetworkError({ code: 'network_error', message: `No answer${causeOf(error)}` });
    if (left <= timeout)
      return new DeadlineError({ code: 'deadline_exceeded', message: 'No answer within the deadline of the call' });
    return new NetworkError({ code: 'attempt_timeout', message: `No answer within ${timeout} ms` });
  }
}

/** Of the cause only its code, such as `ECONNREFUSED`: the rest may repeat what was sent. */
function causeOf(error: unknown): string {
  const code = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
  return typeof code === 'string' ? `: ${code}` : '';
}

function isRetried(result: Arrived | SessmanError): result is SessmanError {
  if (!(result instanceof SessmanError)) return false;
  const { code, status } = result;
  return status === undefined || RETRIED.includes(status) || code === 'idempotency_in_progress';
}

/** Seconds. It may be a date too, by the clock of the service. */
function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value);
  const now = Date.parse(headers.get('date') ?? '') || Date.now();
  const seconds = (Date.parse(value) - now) / 1_000;
  return seconds >= 0 ? seconds : undefined;
}
