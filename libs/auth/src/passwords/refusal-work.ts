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
 * How much work every refused sign-in takes, in rounds of bcrypt: that of the dearest hash that is known to be stored, so that the time does not tell whose
 * hash is of an older cost or of another program, or whether there is one (OWASP ASVS 5.0, 6.3.8). It never falls: what is dear may be there elsewhere.
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
   * Looks at a thousand accounts before the first check, and at the next thousand once a minute: a process that has just started, or another that stores
   * hashes of another cost, would otherwise show it to the first who asks. Asked for no more than that, because a table may have millions.
   */
  look(): Promise<void> {
    const now = this.clock.now();
    if (now >= this.#nextLook) {
      this.#nextLook = now + LOOK_EVERY;
      this.#looking = this.#lookOn().catch(() => {
        // Whoever signs in finds out that the store fails; here it only means to know less.
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
