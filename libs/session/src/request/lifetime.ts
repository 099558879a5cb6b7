import { checkIdleTime } from '../doctor/start-checks.js';
import type { SessionEngine } from '../engine/session-engine.js';
import { activity, dayOf, isCountDue } from '../engine/new-record.js';
import type { SessionFields, SessionRecord } from '../storage/session-record.js';

/** How long a session lives, and what this request has set by `cookie.maxAge`. */
export class Lifetime {
  /** Whether the idle end moves with this request, whatever `touchInterval` says. */
  isTouched = false;
  /** What `cookie.maxAge` was set to; undefined if it was not set. */
  #maxAge: number | null | undefined = undefined;

  constructor(private readonly engine: SessionEngine) {}

  /** @param maxAge milliseconds, or null for a browser-session cookie */
  set(maxAge: number | null): void {
    this.#maxAge = maxAge;
    this.isTouched = true;
    if (maxAge !== null) checkIdleTime(this.engine.doctor, 'session.cookie.maxAge', maxAge);
  }

  /** Forgets what `cookie.maxAge` was set to. */
  reset(): void {
    this.#maxAge = undefined;
  }

  get isSet(): boolean {
    return this.#maxAge !== undefined;
  }

  /** The part of a new record that is decided here. */
  traits(like: { readonly persistent?: boolean; readonly idleTimeout?: number }) {
    return {
      persistent: this.#maxAge === undefined ? like.persistent : this.#maxAge !== null,
      idleTimeout: this.#idleTimeout ?? like.idleTimeout,
    };
  }

  /** The idle time of a session whose cookie is persistent, else null. */
  persistence(record: SessionRecord | null): number | null {
    if (this.#maxAge !== undefined) return this.#maxAge;
    const persistent = record?.persistent ?? this.engine.options.cookie.persistent;
    return persistent ? (record?.idleTimeout ?? this.engine.options.idleTimeout) : null;
  }

  /** When the cookie expires, in milliseconds since the epoch; null for a browser-session cookie. */
  cookieExpires(record: SessionRecord | null): number | null {
    const idleTimeout = this.persistence(record);
    if (idleTimeout === null) return null;
    const now = this.engine.clock.now();
    return Math.min(now + idleTimeout, record?.absoluteExpiresAt ?? now + this.engine.options.absoluteTimeout);
  }

  /** The fields that a touch writes. @param counts whether this request is a use of the session, for the day's count */
  activity(record: SessionRecord, counts: boolean): SessionFields {
    const now = this.engine.clock.now();
    const fields = activity(record, now, this.#idleTimeout ?? record.idleTimeout);
    return {
      ...fields,
      ...(this.#maxAge !== undefined && { persistent: this.#maxAge !== null }),
      ...(counts && isCountDue(record, now) && { countedDay: dayOf(now) }),
    };
  }

  /** The idle time that this request has asked for; undefined if it has asked for none. */
  get #idleTimeout(): number | undefined {
    return this.#maxAge === null ? this.engine.options.idleTimeout : this.#maxAge;
  }
}
