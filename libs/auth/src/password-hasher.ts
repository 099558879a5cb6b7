import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import bcrypt from 'bcrypt';
import type { Pepper, ResolvedAuthOptions } from './auth.options.js';
import { AUTH_OPTIONS } from './auth.tokens.js';
import type { UserRecord } from './user-store.js';

export const MAX_PASSWORD_BYTES = 1_024;
/** The least bcrypt cost that nobody is warned of (OWASP Password Storage Cheat Sheet). */
const SLOW_ENOUGH = 10;

/** What is stored of a password. */
export type HashedPassword = Pick<UserRecord, 'passwordHash' | 'pepperId'>;

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const BCRYPT_ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * bcrypt over base64(HMAC-SHA-384(pepper, NFC(password))): 64 characters, so that bcrypt's limit of 72 bytes cuts nothing off (OWASP ASVS 5.0,
 * 6.2.8, 11.4.2). Every call belongs into a turn of the `HashQueue`.
 */
@Injectable()
export class PasswordHasher {
  readonly #logger = new Logger('Gatehouse');
  /** 22 characters of salt and 31 of hash that nothing hashes to but by chance. */
  readonly #nobodysHash = Array.from(randomBytes(53), (byte) => BCRYPT_ALPHABET[byte % 64]).join('');
  readonly #unknownPeppers = new Set<string>();

  constructor(@Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'bcryptCost' | 'peppers'>) {
    if (options.bcryptCost < SLOW_ENOUGH) {
      this.#logger.warn(`bcryptCost ${options.bcryptCost} is guessed fast: for tests only. Take 12 if in doubt.`);
    }
  }

  async hash(password: string): Promise<HashedPassword> {
    const pepper = this.options.peppers[0];
    return {
      passwordHash: await bcrypt.hash(digest(password, pepper), this.options.bcryptCost),
      pepperId: pepper?.id ?? null,
    };
  }

  /** Takes one hash's time, whatever there is to compare, so that it tells nothing (OWASP ASVS 5.0, 6.3.8). */
  async matches(stored: HashedPassword | null, password: unknown): Promise<boolean> {
    const cost = stored ? costOf(stored.passwordHash) : null;
    const pepper = stored ? this.#pepperOf(stored) : undefined;
    if (cost === null || pepper === null || !isPassword(password)) {
      await this.#spend(this.options.bcryptCost);
      return false;
    }
    const matches = await bcrypt.compare(digest(password, pepper), stored!.passwordHash!);
    // Costs c, c, c+1, … up to one less than today's add up to today's. A match is hashed anew anyway.
    if (!matches) for (let more = cost; more < this.options.bcryptCost; more++) await this.#spend(more);
    return matches;
  }

  /** Whether the cost or the pepper has moved on since this was hashed. */
  isOutdated(stored: HashedPassword): boolean {
    const cost = costOf(stored.passwordHash);
    return cost === null || cost < this.options.bcryptCost || stored.pepperId !== (this.options.peppers[0]?.id ?? null);
  }

  /** Undefined for none, null for one that is not configured any more. */
  #pepperOf({ pepperId }: HashedPassword): Pepper | undefined | null {
    if (pepperId === null) return undefined;
    const pepper = this.options.peppers.find(({ id }) => id === pepperId);
    if (!pepper && this.#unknownPeppers.size < 100 && !this.#unknownPeppers.has(pepperId)) {
      this.#unknownPeppers.add(pepperId);
      this.#logger.error(
        `Passwords were hashed with the pepper ${pepperId}, which is not configured: their users cannot sign in. Add it to peppers.`,
      );
    }
    return pepper ?? null;
  }

  async #spend(cost: number): Promise<void> {
    await bcrypt.compare('', `$2b$${String(cost).padStart(2, '0')}$${this.#nobodysHash}`);
  }
}

/** Whether it can have been set as a password at all. */
export function isPassword(password: unknown): password is string {
  return typeof password === 'string' && password !== '' && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
}

function digest(password: string, pepper: Pepper | undefined): string {
  return createHmac('sha384', pepper?.secret ?? '')
    .update(password.normalize('NFC'), 'utf8')
    .digest('base64');
}

function costOf(passwordHash: string | null): number | null {
  const match = passwordHash === null ? null : BCRYPT.exec(passwordHash);
  return match ? Number(match[1]) : null;
}
