import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeSession, type Session } from 'nest-gatehouse/session';
import { pino, type Logger } from 'pino';
import { pinoHttp, type Options } from 'pino-http';
import { describeError } from './describe-error.js';
import { maskSecrets } from './mask-secrets.js';

export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: describeError } });
}

/**
 * One line for each request, with an allowlist of fields, so that a header, query string or body cannot get into the
 * log because a list of secrets is incomplete.
 */
export function requestLog(logger: Logger) {
  return pinoHttp({
    ...requestContext(logger),
    autoLogging: true,
    customSuccessObject: (request, response, values: Timing) => describeRequest(request, response, values),
    customErrorObject: (request, response, _error, values: Timing) => describeRequest(request, response, values),
    customErrorMessage: () => 'request failed',
  });
}

/** Adds the request's id to every line that is logged during the request. */
export function requestContext(logger: Logger): Options {
  return {
    logger,
    autoLogging: false,
    genReqId: (_request, response) => {
      const id = randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    quietReqLogger: true,
    quietResLogger: true,
    customAttributeKeys: { reqId: 'request' },
    wrapSerializers: false,
    serializers: { req: () => undefined, res: () => undefined, err: describeError },
  };
}

interface Timing {
  readonly responseTime: number;
}

function describeRequest(request: IncomingMessage, response: ServerResponse, values: Timing) {
  return {
    method: request.method,
    path: pathOf(request),
    status: response.statusCode,
    ms: values.responseTime,
    session: handleOf(request),
  };
}

function pathOf(request: IncomingMessage & { readonly originalUrl?: string }): string {
  return maskSecrets((request.originalUrl ?? request.url ?? '').split(/[?#]/, 1)[0]!);
}

function handleOf(request: IncomingMessage & { readonly session?: Session }): string | undefined {
  try {
    return describeSession(request.session)?.handle;
  } catch {
    // The store did not answer, so the user is unknown.
    return undefined;
  }
}
