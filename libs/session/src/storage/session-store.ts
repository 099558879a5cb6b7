import type { DataChanges } from '../data/merge.js';
import type { Awaitable } from 'nest-gatehouse/common';
import type { SessionFields, SessionRecord } from './session-record.js';

export interface SessionUpdate {
  readonly data?: DataChanges;
  /** All data as the JSON text of one object, in place of what the session holds; `data` is ignored. */
  readonly replacement?: string;
  /** Refuse with `stale` unless the record has this version. */
  readonly ifVersion?: number;
  /**
   * The result of applying `data`, if the record still has this version. A store that merges in this process may store
   * it directly; others may ignore it.
   */
  readonly whole?: { readonly version: number; readonly data: string };
  readonly fields?: SessionFields;
  /** Refuse with `conflict` unless each of these keys still holds this JSON text (null: is absent). */
  readonly expected?: ReadonlyMap<string, string | null>;
  /** Refuse with `too_large` if the data would have more bytes of JSON in UTF-8 than this. */
  readonly maxDataBytes?: number;
  /** Refuse with `fenced` if the record has seen a higher fence; otherwise the record remembers this one. */
  readonly fence?: number;
}

export type UpdateOutcome =
  | {
      readonly status: 'updated';
      readonly version: number;
      readonly data: string;
      /** This update, and no other one of that day, has moved `countedDay` forward. */
      readonly firstOfDay?: true;
    }
  | { readonly status: 'gone' | 'fenced' }
  | { readonly status: 'stale'; readonly version: number }
  | { readonly status: 'conflict'; readonly keys: readonly string[] }
  | { readonly status: 'not_a_number'; readonly key: string }
  | { readonly status: 'too_large'; readonly bytes: number };

/** A new secret on the same record. */
export interface SecretRotation {
  /** Rotates only if this is the current hash; otherwise the outcome is `stale` and nothing changes. */
  readonly expectedSecretHash: string;
  readonly secretHash: string;
  readonly issuedAt: number;
  /** Until when the former secret still opens the session; 0: not at all, and an earlier grace ends too. */
  readonly graceUntil: number;
  readonly fields?: Omit<SessionFields, 'countedDay'>;
}

export type RotationOutcome = 'rotated' | 'stale' | 'gone';

/**
 * Keeps session records. The class is its own injection token.
 *
 * A session that has expired, or was revoked by its user's epoch, is `null`, `gone` or `false` in every method, swept
 * or not. Nothing is ever upserted, so a late save cannot revive an ended session. Each method is atomic. A method that
 * cannot do its work throws (or rejects); it never answers "no such session" instead.
 */
export abstract class SessionStore {
  /** @throws SessionExistsError if the handle is taken. */
  abstract insert(record: SessionRecord): Awaitable<void>;

  abstract read(handle: string): Awaitable<SessionRecord | null>;

  /** Applies all of the update or nothing. `version` rises by one if `data` has changes, and by a `replacement`. */
  abstract update(handle: string, update: SessionUpdate): Awaitable<UpdateOutcome>;

  abstract rotate(handle: string, rotation: SecretRotation): Awaitable<RotationOutcome>;

  /** Whether this call ended a live session. The end is durable once this resolves. */
  abstract delete(handle: string): Awaitable<boolean>;
}

export class SessionExistsError extends Error {
  constructor(handle: string) {
    super(`A session with the handle ${handle} exists already; make a new handle and insert again.`);
    this.name = 'SessionExistsError';
  }
}
