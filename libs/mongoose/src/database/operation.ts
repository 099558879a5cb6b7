import type { mongo } from 'mongoose';
import type { SessionLockDocument } from '../schema/session-lock.schema.js';
import type { SessionDocument } from '../schema/session.schema.js';
import type { UserEpochDocument } from '../schema/user-epoch.schema.js';

export type Operation<T, O> = (collections: Collections, options: O) => Promise<T>;

export interface WithinDeadline {
  /** For the server. */
  readonly maxTimeMS: number;
  /** For the driver: it gives up waiting for a server, a connection or an answer, and closes the connection. */
  readonly signal: AbortSignal;
}

export interface DurableWithinDeadline extends WithinDeadline {
  readonly writeConcern: { readonly w: 'majority'; readonly journal: true; readonly wtimeoutMS: number };
}

export interface Collections {
  readonly db: mongo.Db;
  readonly sessions: mongo.Collection<SessionDocument>;
  readonly epochs: mongo.Collection<UserEpochDocument>;
  readonly locks: mongo.Collection<SessionLockDocument>;
}

/** Runs operations within a deadline. */
export interface Runner {
  /** @throws StoreUnavailableError instead of any error of the driver, and at the deadline */
  run<T>(work: Operation<T, WithinDeadline>, deadline?: number): Promise<T>;
}
