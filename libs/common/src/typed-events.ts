import { EventEmitter } from 'node:events';
import { Logger, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

type Relay = (name: string, event: unknown) => void;

/** Events inside this process. If a listener throws, it is logged, and the emitter does not notice. */
export class TypedEvents<Events extends object> {
  readonly #logger = new Logger('Gatehouse');
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #relay: Relay | undefined;

  /** @returns a function that stops listening */
  on<N extends keyof Events & string>(name: N, listener: (event: Events[N]) => void): () => void {
    this.#emitter.on(name, listener);
    return () => void this.#emitter.off(name, listener);
  }

  protected send(name: string, event: unknown, ...more: readonly string[]): void {
    try {
      for (const each of [name, ...more]) this.#emitter.emit(each, event);
      this.#relay?.(this.relayedAs(name), event);
    } catch (error) {
      this.#logger.error(`A listener of ${name} threw`, error instanceof Error ? error.stack : undefined);
    }
  }

  /** The name under which `@nestjs/event-emitter` emits it. */
  protected relayedAs(name: string): string {
    return name;
  }

  relayTo(relay: Relay): void {
    this.#relay = relay;
  }
}

/** Relays events to `@nestjs/event-emitter`, if the application has imported its module. */
export abstract class EventRelay implements OnModuleInit {
  constructor(
    private readonly modules: ModuleRef,
    private readonly events: { relayTo(relay: Relay): void },
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
