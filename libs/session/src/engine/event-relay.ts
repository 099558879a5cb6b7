import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { SessionEvents } from './session.events.js';

/** Hands events on to `@nestjs/event-emitter`, where the application has imported its module. */
@Injectable()
export class EventRelay implements OnModuleInit {
  constructor(
    private readonly modules: ModuleRef,
    private readonly events: SessionEvents,
  ) {}

  async onModuleInit(): Promise<void> {
    const library = await import('@nestjs/event-emitter').catch(() => null);
    if (library === null) return;
    try {
      const emitter = this.modules.get(library.EventEmitter2, { strict: false });
      this.events.relayTo((name, event) => emitter.emit(name, event));
    } catch {
      // Installed, but not imported by this application.
    }
  }
}
