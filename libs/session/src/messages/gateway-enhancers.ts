import type { CallHandler, CanActivate, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { messageOf } from './message-of.js';
import type { MessageInterceptor } from './message.interceptor.js';

/** A guard whose answer is not an Observable. */
export interface MessageCheck {
  canActivate(context: ExecutionContext): boolean | Promise<boolean>;
}

/**
 * On every gateway: Nest 11 runs no global guards there, so this runs those that a message must pass. Where Nest has run
 * them, the session of the message is open already.
 *
 * Both stay on the class: in a second application of the process, which has no `SessionModule`, Nest makes them without
 * arguments, and they let everything through.
 */
export class GatewayGuard implements CanActivate {
  constructor(private readonly guards: readonly MessageCheck[] = []) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (messageOf(context)?.isOpened) return true;
    for (const guard of this.guards) if (!(await guard.canActivate(context))) return false;
    return true;
  }
}

/** On every gateway, for the same reason: saves the session of a message where no global interceptor does. */
export class GatewayInterceptor implements NestInterceptor {
  constructor(private readonly interceptor?: MessageInterceptor) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (!this.interceptor || messageOf(context)?.isRunning) return next.handle();
    return this.interceptor.intercept(context, next);
  }
}
