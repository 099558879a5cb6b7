import type { AnonymousSessions } from '../storage/anonymous-sessions.js';
import type { SessionIndex } from '../storage/session-index.js';
import type { SessionLocks } from '../storage/session-locks.js';
import type { SessionStore } from '../storage/session-store.js';

/** The contracts as this application has them. */
export class SessionStorage {
  constructor(
    readonly store: SessionStore,
    /** Null if the application provides its own store without one. */
    readonly index: SessionIndex | null,
    readonly locks: SessionLocks,
    /** Whether the application provides it; otherwise it is memory, as a fallback. */
    readonly isChosen = true,
    /** Null if the application provides its own store without one. */
    readonly anonymous: AnonymousSessions | null = null,
  ) {}
}
