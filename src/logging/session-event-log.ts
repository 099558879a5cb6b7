import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { SessionEvents } from 'nest-gatehouse/session';

/** Logs session events that operators need: why a store failed, and which tokens were refused. */
@Injectable()
export class SessionEventLog implements OnModuleInit {
  readonly #logger = new Logger('Sessions');

  constructor(private readonly events: SessionEvents) {}

  onModuleInit(): void {
    this.events.on('session.store_failed', ({ operation, error }) => {
      this.#logger.error({ err: error, operation, msg: 'the session store failed' });
    });
    this.events.on('session.refused', ({ reason, handle, ip }) => {
      this.#logger.debug({ reason, handle, ip, msg: 'a session token was refused' });
    });
    this.events.on('session.ended', ({ handle, reason }) => {
      this.#logger.debug({ handle, reason, msg: 'a session ended' });
    });
  }
}
