import { EventEmitter } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import type { AuditEntry, AuditType } from '../storage/audit-log.js';

type Listener = (entry: AuditEntry) => void;
type Relay = (name: `audit.${AuditType}`, entry: AuditEntry) => void;

const EVERYTHING = '*';

/**
 * Tells of every audit entry inside the process that wrote it; relayed to `@nestjs/event-emitter` as `audit.login.ok` and so on if the application
 * has it. No entry carries a secret.
 */
@Injectable()
export class AuthEvents {
  readonly #logger = new Logger('Gatehouse');
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #relay: Relay | undefined;

  /** @returns a function that stops listening. */
  on(type: AuditType | '*', listener: Listener): () => void {
    this.#emitter.on(type, listener);
    return () => void this.#emitter.off(type, listener);
  }

  emit(entry: AuditEntry): void {
    // A listener that throws must not change the answer to a request.
    try {
      this.#emitter.emit(entry.type, entry);
      this.#emitter.emit(EVERYTHING, entry);
      this.#relay?.(`audit.${entry.type}`, entry);
    } catch (error) {
      this.#logger.error(`A listener of ${entry.type} threw`, error instanceof Error ? error.stack : undefined);
    }
  }

  relayTo(relay: Relay): void {
    this.#relay = relay;
  }
}
