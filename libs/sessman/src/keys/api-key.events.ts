import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventRelay, TypedEvents } from 'nest-gatehouse/common';

/** Who does something to a key, for its event. */
export interface ApiKeyActor {
  readonly actorId?: string | null;
  readonly handle?: string | null;
  readonly ip?: string | null;
  readonly userAgent?: string | null;
}

export interface ApiKeyEvent {
  readonly id: string;
  readonly namespace: string;
  /** Who did it and from where; absent if nobody said so. */
  readonly by?: ApiKeyActor;
}

/** A revoked key is `unknown`; `scope`: it may not do what the route does. */
export type ApiKeyRefusalReason = 'unknown' | 'wrong_secret' | 'expired' | 'owner' | 'scope';

export interface ApiKeyRefusal {
  readonly id: string;
  /** Null if there is no such key. */
  readonly namespace: string | null;
  readonly reason: ApiKeyRefusalReason;
  /** From where; absent if nobody said so. */
  readonly by?: ApiKeyActor;
}

/** What happens to API keys. Each event is emitted once, in the process where it happens. None carries a secret. */
export interface ApiKeyEventMap {
  'api_key.created': ApiKeyEvent;
  'api_key.rotated': ApiKeyEvent;
  'api_key.revoked': ApiKeyEvent;
  /** A request came with a key that was not accepted. A text that has not the shape of a key emits nothing. */
  'api_key.refused': ApiKeyRefusal;
}

/**
 * Emits what happens to API keys inside this process; also through `@nestjs/event-emitter`, under the same names, if
 * the application has it.
 */
@Injectable()
export class ApiKeyEvents extends TypedEvents<ApiKeyEventMap> {
  emit<N extends keyof ApiKeyEventMap>(name: N, event: ApiKeyEventMap[N]): void {
    this.send(name, event);
  }
}

@Injectable()
export class ApiKeyEventRelay extends EventRelay {
  constructor(modules: ModuleRef, events: ApiKeyEvents) {
    super(modules, events);
  }
}

/** What an event may carry of a record. */
export function eventOf({ id, namespace }: ApiKeyEvent, by?: ApiKeyActor): ApiKeyEvent {
  return { id, namespace, ...(by && { by }) };
}
