import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventRelay, TypedEvents } from 'nest-gatehouse/common';
import type { AuditEntry, AuditType } from '../storage/audit-log.js';

const EVERYTHING = '*';

/**
 * Emits every audit entry inside the process that wrote it, by its type and as `*`; also through
 * `@nestjs/event-emitter`, as `audit.login.ok` and so on, if the application has it. No entry carries a secret.
 */
@Injectable()
export class AuthEvents extends TypedEvents<Record<AuditType | typeof EVERYTHING, AuditEntry>> {
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
