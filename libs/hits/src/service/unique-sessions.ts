import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { SessionEvents } from 'nest-gatehouse/session';
import { HitCounter } from '../counting/hit-counter.js';
import { HitWriter } from '../counting/hit-writer.js';
import { DAY } from '../storage/time-units.js';

/** Counts each session of people once a day, when the session store has confirmed that this was its first use. */
@Injectable()
export class UniqueSessions implements OnModuleInit, OnModuleDestroy {
  #stop: (() => void) | undefined;

  constructor(
    private readonly events: SessionEvents,
    private readonly counter: HitCounter,
    private readonly writer: HitWriter,
  ) {}

  onModuleInit(): void {
    this.#stop = this.events.on('session.first_use_of_day', ({ day, userAgent }) => {
      if (!this.counter.isBot(userAgent)) this.writer.buffer.addUnique(day * DAY);
    });
  }

  onModuleDestroy(): void {
    this.#stop?.();
  }
}
