import { Injectable } from '@nestjs/common';
import { type Awaitable, Clock, Randomness, SystemClock, SystemRandomness } from 'nest-gatehouse/common';
import { LockQueue } from '../storage/lock-queue.js';
import { SessionLocks, type LockRequest, type SessionLease } from '../storage/session-locks.js';

const OWNER_BYTES = 16;
const MIN_TO_PURGE = 1_024;

/** Locks among the requests of one process. */
@Injectable()
export class MemorySessionLocks extends SessionLocks {
  readonly #leases = new Map<string, SessionLease>();
  readonly #queue = new LockQueue();
  #fence = 0;
  #purgeAt = MIN_TO_PURGE;

  constructor(
    private readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
  ) {
    super();
  }

  override acquire(key: string, request: LockRequest): Awaitable<SessionLease | null> {
    return this.#queue.acquire(key, request, () => this.#take(key, request.lease));
  }

  override extend(lease: SessionLease, milliseconds: number): SessionLease | null {
    const held = this.#leases.get(lease.key);
    const now = this.clock.now();
    if (held?.owner !== lease.owner || held.expiresAt <= now) return null;
    const longer = Object.freeze({ ...held, expiresAt: Math.max(held.expiresAt, now + milliseconds) });
    this.#leases.set(lease.key, longer);
    return longer;
  }

  override release(lease: SessionLease): void {
    if (this.#leases.get(lease.key)?.owner !== lease.owner) return;
    this.#leases.delete(lease.key);
    this.#queue.released(lease.key);
  }

  #take(key: string, milliseconds: number): SessionLease | null {
    const now = this.clock.now();
    const held = this.#leases.get(key);
    if (held && held.expiresAt > now) return null;
    if (this.#leases.size >= this.#purgeAt) this.#purge(now);
    const owner = this.randomness.bytes(OWNER_BYTES).toString('base64url');
    const lease = Object.freeze({ key, owner, fence: ++this.#fence, expiresAt: now + milliseconds });
    this.#leases.set(key, lease);
    return lease;
  }

  /** Leases that were never released would fill the map. */
  #purge(now: number): void {
    for (const [key, lease] of this.#leases) {
      if (lease.expiresAt <= now) this.#leases.delete(key);
    }
    this.#purgeAt = Math.max(MIN_TO_PURGE, 2 * this.#leases.size);
  }
}
