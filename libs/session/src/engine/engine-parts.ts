import type { Awaitable, Clock, Randomness } from 'nest-gatehouse/common';
import type { ResolvedSessionOptions } from '../session.options.js';
import type { SessionEvents } from './session.events.js';
import type { SessionStorage } from './session-storage.js';

/** What the parts of the engine share. */
export interface EngineParts {
  readonly options: ResolvedSessionOptions;
  readonly storage: SessionStorage;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: SessionEvents;
  /** As `StoreCalls.ask`. */
  ask<T>(operation: string, run: () => Awaitable<T>, milliseconds?: number): Awaitable<T>;
  warn(what: string, error: unknown): void;
}
