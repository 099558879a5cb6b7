import { type CallHandler, type ExecutionContext, HttpException, type NestInterceptor } from '@nestjs/common';
import { catchError, concatMap, concatWith, defer, finalize, ignoreElements, type Observable, throwError } from 'rxjs';
import { messageOf } from './message-of.js';
import { refusalFor } from './refusals.js';
import type { SocketMessage } from './socket-message.js';

/** Around all other interceptors: saves the session of a message before its answer leaves. */
export class MessageInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() === 'http') return next.handle();
    const message = messageOf(context);
    const handled = message ? saved(message, next) : next.handle();
    return handled.pipe(catchError((error: unknown) => throwError(() => refusalFor(context, error))));
  }
}

/** A handler may answer more than once: what it has changed is saved before each of its answers, and at the end. */
function saved(message: SocketMessage, next: CallHandler): Observable<unknown> {
  const save = (status: number) => defer(() => message.save(status)).pipe(ignoreElements());
  return defer(() => message.begin()).pipe(
    concatMap(() => next.handle()),
    concatMap(async (answer: unknown) => {
      await message.save(200);
      return answer;
    }),
    concatWith(save(200)),
    catchError((error: unknown) => save(statusOf(error)).pipe(concatWith(throwError(() => error)))),
    finalize(() => void message.end()),
  );
}

/**
 * As on HTTP, what a handler has changed is kept if it refuses, and not if it fails unexpectedly. Errors that have words
 * for the client are refusals: those of Nest's transports, and of GraphQL.
 */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const { getError, extensions } = (error ?? {}) as { readonly getError?: unknown; readonly extensions?: unknown };
  return typeof getError === 'function' || (typeof extensions === 'object' && extensions !== null) ? 400 : 500;
}
