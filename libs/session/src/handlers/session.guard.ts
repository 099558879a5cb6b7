import { applyDecorators, Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { noSession } from '../session.problems.js';
import { messageOf } from '../messages/message-of.js';
import { refusalFor } from '../messages/refusals.js';
import { bearerOf } from './request-of.js';
import { LIFE } from '../request/request-slot.js';

/** Lets a request pass only with a stored, live session. @throws 401 `no_session`, 503 `store_unavailable` */
@Injectable()
export class SessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const life = bearerOf(context)[LIFE];
    // Reading `session` throws if the store failed.
    try {
      if (life?.session === undefined || life.record === null) throw noSession();
    } catch (error) {
      throw refusalFor(context, error);
    }
    return true;
  }
}

/** Takes the session away from the request before the handler runs. */
@Injectable()
export class SkipSessionGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    await bearerOf(context)[LIFE]?.verbs.skip();
    return true;
  }
}

/** Waits for the session's lock. @throws 503 `lock_timeout` */
@Injectable()
export class SessionLockGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const message = messageOf(context);
    if (message) {
      // A guard after this one may refuse the message, and then nothing would release the lock.
      message.wantsLock = true;
      return true;
    }
    const life = bearerOf(context)[LIFE];
    // Reading `session` throws if the store failed.
    if (life?.session !== undefined) await life.takeLock();
    return true;
  }
}

/** On a handler or a controller: 401 `no_session` for a request without a stored session. */
export const RequireSession = () => applyDecorators(UseGuards(SessionGuard));

/**
 * On a handler or a controller: no session here. `req.session` is undefined, nothing is written, and a failing store
 * does not matter.
 */
export const SkipSession = () => applyDecorators(UseGuards(SkipSessionGuard));

/**
 *  On a handler or a controller: one request of a session at a time, from before the handler to the end of the answer.
 */
export const SessionLock = () => applyDecorators(UseGuards(SessionLockGuard));
