import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { AuthEvents } from './auth.events.js';

/** Hands audit entries on to `@nestjs/event-emitter`, where the application has imported its module. */
@Injectable()
export class AuthEventRelay implements OnModuleInit {
  constructor(
    private readonly modules: ModuleRef,
    private readonly events: AuthEvents,
  ) {}

  async onModuleInit(): Promise<void> {
    const library = await import('@nestjs/event-emitter').catch(() => null);
    if (library === null) return;
    try {
      const emitter = this.modules.get(library.EventEmitter2, { strict: false });
      this.events.relayTo((name, entry) => emitter.emit(name, entry));
    } catch {
      // Installed, but not imported by this application.
    }
  }
}
