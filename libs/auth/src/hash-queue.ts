import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import type { ResolvedAuthOptions } from './auth.options.js';
import { AUTH_OPTIONS } from './auth.tokens.js';
import { busy } from './problems.js';

const DEFAULT_POOL = 4;

interface Waiter {
  start(): void;
}

/**
 * A bounded queue in front of bcrypt: as many at once as there are cores, and never the whole thread pool, which files, DNS and
 * compression need too (OWASP ASVS 5.0, 15.2.2).
 */
@Injectable()
export class HashQueue {
  readonly width = Math.max(1, Math.min(availableParallelism(), poolSize() - 1));
  readonly #waiting = new Set<Waiter>();
  #running = 0;

  constructor(@Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'hashWait' | 'hashQueue'>) {}

  /** How many wait for their turn. */
  get length(): number {
    return this.#waiting.size;
  }

  /** @throws ProblemException 503 `busy` where the turn does not come in time */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.width) this.#running++;
    else await this.#turn();
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(): Promise<void> {
    const { hashWait, hashQueue } = this.options;
    if (this.#waiting.size >= hashQueue) return Promise.reject(busy(hashWait));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(
        () => {
          this.#waiting.delete(waiter);
          reject(busy(hashWait));
        },
        Math.min(hashWait, 2 ** 31 - 1),
      );
      this.#waiting.add(waiter);
    });
  }

  /** Hands the place on, so that nobody who comes now overtakes those who wait. */
  #next(): void {
    const [waiter] = this.#waiting;
    if (!waiter) return void this.#running--;
    this.#waiting.delete(waiter);
    waiter.start();
  }
}

function poolSize(): number {
  const size = Number(process.env.UV_THREADPOOL_SIZE);
  return Number.isInteger(size) && size > 0 ? size : DEFAULT_POOL;
}
