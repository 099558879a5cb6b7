import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventRelay, TypedEvents } from 'nest-gatehouse/common';
import type { AuditEntry, AuditType } from '../storage/audit-log.js';

const EVERYTHING = '*';

/** Called for everything that happens. It must not throw. */
export type AuditCounter = (type: AuditType) => void;

/**
 * Emits every audit entry inside the process that wrote it, by its type and as `*`; also through
 * `@nestjs/event-emitter`, as `audit.login.ok` and so on, if the application has it. No entry carries a secret.
 */
@Injectable()
export class AuthEvents extends TypedEvents<Record<AuditType | typeof EVERYTHING, AuditEntry>> {
  readonly #counters = new Set<AuditCounter>();

  /**
   * Also counts what the caps leave out of the trail, and before it is stored. @returns a function that stops counting
   */
  count(counter: AuditCounter): () => void {
    this.#counters.add(counter);
    return () => void this.#counters.delete(counter);
  }

  /** For `AuditService`. */
  counted(type: AuditType): void {
    for (const counter of this.#counters) counter(type);
  }

  emit(entry: AuditEntry): void {
    this.send(entry.type, entry, EVERYTHING);
  }

  protected override relayedAs(type: string): string {
    return `audit.${type}`;
  }
}

@Injectable()
export class AuthEventRelay extends EventRelay {
  constructor(modules: ModuleRef, events: AuthEvents) {
    super(modules, events);
  }
}
