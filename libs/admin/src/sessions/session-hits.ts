import type { Awaitable } from 'nest-gatehouse/common';

/** How often each session was used. The class is its own injection token; without a provider nobody counts. */
export abstract class SessionHits {
  abstract of(handle: string): Awaitable<number>;
}
