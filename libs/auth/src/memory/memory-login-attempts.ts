import { Injectable } from '@nestjs/common';
import { Clock, SystemClock } from 'nest-gatehouse/common';
import { withFailure, withWindowFailure, type StoredAttempts } from '../storage/attempt-counting.js';
import {
  LoginAttempts,
  type AttemptCounter,
  type AttemptOutcome,
  type FailurePolicy,
  type WindowPolicy,
} from '../storage/login-attempts.js';

const MAX_COUNTERS = 100_000;
const LOOKED_AT = 32;

/** Counters of one process, bounded. */
@Injectable()
export class MemoryLoginAttempts extends LoginAttempts {
  /** The one counted longest ago comes first. */
  readonly #counters = new Map<string, StoredAttempts>();

  constructor(
    private readonly clock: Clock = new SystemClock(),
    private readonly maxCounters = MAX_COUNTERS,
  ) {
    super();
  }

  override countFailure(key: string, policy: FailurePolicy): AttemptOutcome {
    return this.#count(key, withFailure(this.#counters.get(key), policy, this.clock.now()));
  }

  override countInWindow(key: string, policy: WindowPolicy): AttemptOutcome {
    return this.#count(key, withWindowFailure(this.#counters.get(key), policy, this.clock.now()));
  }

  override takeBack(key: string): void {
    const counter = this.#counters.get(key);
    if (!counter) return;
    if (counter.failures <= 1) this.#counters.delete(key);
    else this.#counters.set(key, { ...counter, failures: counter.failures - 1, blockedUntil: 0 });
  }

  override clear(keys: readonly string[]): void {
    for (const key of keys) this.#counters.delete(key);
  }

  override read(key: string): AttemptCounter {
    const now = this.clock.now();
    const counter = this.#counters.get(key);
    if (!counter || counter.expiresAt <= now) return { failures: 0, blockedUntil: 0 };
    return { failures: counter.failures, blockedUntil: counter.blockedUntil > now ? counter.blockedUntil : 0 };
  }

  #count(key: string, counted: StoredAttempts | null): AttemptOutcome {
    if (counted === null) return { allowed: false, retryAt: this.#counters.get(key)!.blockedUntil };
    this.#counters.delete(key);
    if (this.#counters.size >= this.maxCounters) this.#makeRoom();
    this.#counters.set(key, counted);
    return { allowed: true };
  }

  /**
   * Of those counted longest ago, drops an expired one, or the one with the fewest failures: a flood of new keys must
   * not release a key that is being guessed.
   */
  #makeRoom(): void {
    const now = this.clock.now();
    let leastKey: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    let looked = 0;
    for (const [key, counter] of this.#counters) {
      const failures = counter.expiresAt <= now ? 0 : counter.failures;
      if (failures < least) [leastKey, least] = [key, failures];
      if (least === 0 || ++looked === LOOKED_AT) break;
    }
    if (leastKey !== undefined) this.#counters.delete(leastKey);
  }
}
