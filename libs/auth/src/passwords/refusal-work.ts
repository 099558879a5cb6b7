import { Inject, Injectable } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { workOf, type HashedPassword } from './stored-hash.js';

const LOOK_EVERY = 60_000;
const PAGE = 200;
const PAGES = 5;

/**
 * How much work every refused sign-in takes, in rounds of bcrypt: as much as the most expensive hash known to be
 * stored, so that the time does not reveal whose hash has an older cost, comes from another program, or does not exist
 * (OWASP ASVS 5.0, 6.3.8). It never decreases, because other expensive hashes may still be stored.
 */
@Injectable()
export class RefusalWork {
  #most: number;
  #cursor: string | undefined;
  #nextLook = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    @Inject(AUTH_OPTIONS) options: Pick<ResolvedAuthOptions, 'bcryptCost'>,
    private readonly storage: AuthStorage,
    private readonly clock: Clock,
  ) {
    this.#most = 2 ** options.bcryptCost;
  }

  /** A power of two. */
  get most(): number {
    return this.#most;
  }

  saw(stored: HashedPassword): void {
    this.#most = Math.max(this.#most, workOf(stored));
  }

  /**
   * Reads a thousand accounts before the first check, and the next thousand once a minute. Otherwise a process that has
   * just started, or one beside another that stores hashes of another cost, would reveal the difference to the first
   * who tries. It reads no more at a time because a table may have millions.
   */
  look(): Promise<void> {
    const now = this.clock.now();
    if (now >= this.#nextLook) {
      this.#nextLook = now + LOOK_EVERY;
      this.#looking = this.#lookOn().catch(() => {
        // The sign-in itself reports a failing store; here it only means that less is known.
        this.#cursor = undefined;
      });
    }
    return this.#looking;
  }

  async #lookOn(): Promise<void> {
    for (let page = 0; page < PAGES; page++) {
      const cursor = this.#cursor;
      const { items, next } = await this.storage.ask('users.list', () =>
        this.storage.users.list({ limit: PAGE, cursor }),
      );
      items.forEach((user) => this.saw(user));
      this.#cursor = next ?? undefined;
      if (next === null) return;
    }
  }
}
