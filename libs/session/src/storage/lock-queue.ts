import { type Awaitable, isPromise } from 'nest-gatehouse/common';
import type { LockRequest, SessionLease } from './session-locks.js';

export type LockAttempt = () => Awaitable<SessionLease | null>;

interface Waiter {
  readonly attempt: LockAttempt;
  readonly resolve: (lease: SessionLease | null) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
  overdue: boolean;
}

/** The waiters for one key. Only the first asks the store. */
interface Line {
  readonly waiters: Waiter[];
  asking: boolean;
  /** The lock was released while the first was asking. */
  askAgain: boolean;
  retry: NodeJS.Timeout | undefined;
  pause: number;
}

// Holders in other processes do not announce a release, so the first in line asks again after a random pause in this
// range.
const MIN_PAUSE = 5;
const MAX_PAUSE = 50;
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Serves the waiters of this process for a lock in their order, each for a bounded time. Only the first asks the store.
 */
export class LockQueue {
  readonly #lines = new Map<string, Line>();

  /** @param attempt asks the store once, now. */
  acquire(key: string, request: LockRequest, attempt: LockAttempt): Awaitable<SessionLease | null> {
    const { wait, onWait } = request;
    if (this.#lines.has(key)) return wait > 0 ? this.#joinTold(key, request, attempt) : null;
    if (wait <= 0) return attempt();
    const first = attempt();
    if (isPromise(first)) return this.#join(key, wait, attempt, onWait ? tellIfHeld(first, onWait) : first);
    return first ?? this.#joinTold(key, request, attempt);
  }

  /** To be called when a holder in this process has released the lock. */
  released(key: string): void {
    const line = this.#lines.get(key);
    if (line) this.#ask(key, line);
  }

  #joinTold(key: string, { wait, onWait }: LockRequest, attempt: LockAttempt): Promise<SessionLease | null> {
    onWait?.();
    return this.#join(key, wait, attempt);
  }

  #join(
    key: string,
    wait: number,
    attempt: LockAttempt,
    first?: Promise<SessionLease | null>,
  ): Promise<SessionLease | null> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(key, waiter), Math.min(wait, MAX_TIMER));
      const waiter: Waiter = { attempt, resolve, reject, timer, overdue: false };
      const line = this.#lines.get(key);
      if (line) {
        line.waiters.push(waiter);
        return;
      }
      const own: Line = { waiters: [waiter], asking: false, askAgain: false, retry: undefined, pause: MIN_PAUSE };
      this.#lines.set(key, own);
      if (first) this.#await(key, own, first);
      else this.#askLater(key, own);
    });
  }

  #ask(key: string, line: Line): void {
    clearTimeout(line.retry);
    if (line.asking) {
      line.askAgain = true;
      return;
    }
    let answer: Awaitable<SessionLease | null>;
    try {
      answer = line.waiters[0]!.attempt();
    } catch (error) {
      this.#leave(key, line, (waiter) => waiter.reject(error));
      return;
    }
    if (isPromise(answer)) this.#await(key, line, answer);
    else this.#answered(key, line, answer);
  }

  #await(key: string, line: Line, answer: Promise<SessionLease | null>): void {
    line.asking = true;
    line.askAgain = false;
    answer.then(
      (lease) => {
        line.asking = false;
        this.#answered(key, line, lease);
      },
      (error: unknown) => {
        line.asking = false;
        this.#leave(key, line, (waiter) => waiter.reject(error));
      },
    );
  }

  #answered(key: string, line: Line, lease: SessionLease | null): void {
    if (lease || line.waiters[0]!.overdue) this.#leave(key, line, (waiter) => waiter.resolve(lease));
    else if (line.askAgain) this.#ask(key, line);
    else this.#askLater(key, line);
  }

  #askLater(key: string, line: Line): void {
    const pause = MIN_PAUSE + Math.random() * (line.pause - MIN_PAUSE);
    line.pause = Math.min(MAX_PAUSE, line.pause * 2);
    line.retry = setTimeout(() => this.#ask(key, line), pause);
  }

  #giveUp(key: string, waiter: Waiter): void {
    const line = this.#lines.get(key);
    if (!line) return;
    if (line.waiters[0] !== waiter) {
      line.waiters.splice(line.waiters.indexOf(waiter), 1);
      waiter.resolve(null);
    } else if (line.asking) {
      // The pending answer may be the lease, which must go to this waiter.
      waiter.overdue = true;
    } else {
      this.#leave(key, line, () => waiter.resolve(null));
    }
  }

  /** Gives the first in line its answer, and lets the next one ask. */
  #leave(key: string, line: Line, answer: (waiter: Waiter) => void): void {
    clearTimeout(line.retry);
    const waiter = line.waiters.shift()!;
    clearTimeout(waiter.timer);
    if (line.waiters.length === 0) {
      this.#lines.delete(key);
    } else {
      line.pause = MIN_PAUSE;
      this.#askLater(key, line);
    }
    answer(waiter);
  }
}

async function tellIfHeld(first: Promise<SessionLease | null>, onWait: () => void): Promise<SessionLease | null> {
  const lease = await first;
  if (lease === null) onWait();
  return lease;
}
