import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { SessionEngine } from '../engine/session-engine.js';
import { messageOf } from './message-of.js';

/** Before all other guards: opens the session of a message, so that they find it. */
export class MessageGuard implements CanActivate {
  constructor(private readonly engine: SessionEngine) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const message = messageOf(context, true);
    return message === undefined || message.open(this.engine).then(() => true);
  }
}
