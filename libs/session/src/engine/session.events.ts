import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { SessionSummary } from '../storage/session-record.js';
import { EventRelay, TypedEvents } from 'nest-gatehouse/common';
import type { EndReason } from '../storage/end-reason.js';

export type RefusalReason = 'malformed' | 'duplicate' | 'unknown' | 'wrong_secret' | 'data_invalid';

/** From where and by whom, if a request was the cause; empty if the session expired or another program ended it. */
export interface SessionCause {
  readonly ip?: string | null;
  readonly userAgent?: string | null;
  /** The user who did it, who need not be the one whose session it is. */
  readonly actorId?: string | null;
}

/**
 * What happens to sessions. Each event is emitted once, in the process where it happens. No event carries a secret or
 * data.
 */
export interface SessionEventMap {
  'session.created': { readonly handle: string; readonly userId: string | null } & SessionCause;
  /** The secret was swapped. */
  'session.renewed': { readonly handle: string; readonly userId: string | null } & SessionCause;
  'session.ended': {
    readonly handle: string;
    readonly userId: string | null;
    readonly reason: EndReason;
    /** What lists showed of it, where whoever ended it had its record. */
    readonly session?: SessionSummary;
  } & SessionCause;
  /**
   * The session was created, or used for the first time on this UTC day: once for each session and day, whichever
   * process serves it. Not for the sessions of programs.
   */
  'session.first_use_of_day': {
    readonly handle: string;
    readonly userId: string | null;
    /** In days since 1970-01-01. */
    readonly day: number;
    readonly userAgent: string | null;
  };
  /** A save was refused: another request changed the same keys, or took the lock. A merged save emits nothing. */
  'session.conflict': {
    readonly handle: string;
    readonly userId: string | null;
    readonly keys: readonly string[];
  } & SessionCause;
  /** A lock was held by another, so its caller has to wait. */
  'session.lock_waited': {
    /** The session's handle, or the name that was given to `SessionService.exclusively`. */
    readonly key: string;
  };
  /** A request came with a token, or data, that opened no session. */
  'session.refused': {
    readonly reason: RefusalReason;
    /** Null if the token had no handle. */
    readonly handle: string | null;
    readonly ip: string | null;
    readonly userAgent?: string | null;
    /** For `data_invalid`: what did not fit, without values. */
    readonly detail?: string;
  };
  'session.store_failed': { readonly operation: string; readonly error: Error };
}

export type SessionEventName = keyof SessionEventMap;

/**
 * Emits what happens to sessions inside this process; also through `@nestjs/event-emitter`, under the same names, if
 * the application has it.
 */
@Injectable()
export class SessionEvents extends TypedEvents<SessionEventMap> {
  emit<N extends SessionEventName>(name: N, event: SessionEventMap[N]): void {
    this.send(name, event);
  }
}

@Injectable()
export class SessionEventRelay extends EventRelay {
  constructor(modules: ModuleRef, events: SessionEvents) {
    super(modules, events);
  }
}
