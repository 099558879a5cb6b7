import type { AnonymousSessions } from '../storage/anonymous-sessions.js';
import type { SessionIndex } from '../storage/session-index.js';
import type { SessionLocks } from '../storage/session-locks.js';
import type { SessionStore } from '../storage/session-store.js';

/** The contracts as this application has them. */
export class SessionStorage {
  constructor(
    readonly store: SessionStore,
    /** Null where the application brought a store of its own without one. */
    readonly index: SessionIndex | null,
    readonly locks: SessionLocks,
    /** Whether the application chose it; otherwise it is the memory that stands in. */
    readonly isChosen = true,
    /** Null where the application brought a store of its own without one. */
    readonly anonymous: AnonymousSessions | null = null,
  ) {}
}
