import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import bcrypt from 'bcrypt';
import type { Pepper, ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { ForeignHashes } from './foreign-hashes.js';
import { RefusalWork } from './refusal-work.js';
import { MAX_COST, NO_PEPPER, readBcrypt, type HashedPassword, type HashInput } from './stored-hash.js';
import { isWellFormed } from './well-formed.js';

export const MAX_PASSWORD_BYTES = 1_024;
/** The lowest bcrypt cost without a warning (OWASP Password Storage Cheat Sheet). */
const MIN_SAFE_COST = 10;
/** The lowest cost that bcrypt has. */
const MIN_COST = 4;
const MAX_LOGGED = 100;

const BCRYPT_ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * bcrypt over base64(HMAC-SHA-384(pepper, NFC(password))): 64 characters, so that bcrypt's limit of 72 bytes never
 * truncates (OWASP ASVS 5.0, 6.2.8, 11.4.2). Checks hashes of other programs too. Every call must run in a turn of the
 * `HashQueue`.
 */
@Injectable()
export class PasswordHasher {
  readonly #logger = new Logger('Gatehouse');
  /** 22 random characters of salt and 31 of hash, which practically no password hashes to. */
  readonly #nobodysHash = Array.from(randomBytes(53), (byte) => BCRYPT_ALPHABET[byte % 64]).join('');
  readonly #logged = new Set<string>();

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'bcryptCost' | 'peppers'>,
    private readonly work: RefusalWork,
    private readonly foreign: ForeignHashes,
  ) {
    if (options.bcryptCost < MIN_SAFE_COST) {
      this.#logger.warn(`bcryptCost ${options.bcryptCost} is guessed fast: for tests only. Take 12 if in doubt.`);
    }
  }

  async hash(password: string): Promise<HashedPassword> {
    const pepper = this.options.peppers[0];
    return {
      passwordHash: await bcrypt.hash(digest(password, pepper), this.options.bcryptCost),
      pepperId: pepper?.id ?? NO_PEPPER,
    };
  }

  /**
   * Refusing always takes the same work, whatever is stored, so that the time reveals nothing (OWASP ASVS 5.0, 6.3.8).
   * @throws ProblemException 503 `password_check_failed`
   */
  async matches(stored: HashedPassword | null, password: unknown): Promise<boolean> {
    await this.work.look();
    if (stored) this.work.saw(stored);
    const given = isPassword(password) ? password : '';
    const comparable = given === '' ? null : stored;
    const foreign = comparable && this.foreign.recognise(comparable);
    if (foreign !== null && (await this.foreign.matches(given, foreign))) return true;
    let spent = 0;
    for (const { text, hash, rounds } of comparable ? this.#comparisons(comparable, given, foreign !== null) : []) {
      if (await bcrypt.compare(text, hash)) return true;
      spent += rounds;
    }
    await this.#spend(this.work.most - spent);
    if (foreign === null) await this.foreign.spend(given);
    return false;
  }

  /**
   * Whether the password should be hashed again: the cost or the pepper has changed, or another program made the hash.
   */
  isOutdated(stored: HashedPassword): boolean {
    const { bcryptCost, peppers } = this.options;
    return readBcrypt(stored)?.cost !== bcryptCost || stored.pepperId !== (peppers[0]?.id ?? NO_PEPPER);
  }

  /** What to compare, one after the other; empty if nothing can match. */
  #comparisons(stored: HashedPassword, password: string, isForeign: boolean) {
    const hash = readBcrypt(stored);
    if (!hash) return [];
    if (hash.cost > MAX_COST) {
      this.#logOnce(`A stored hash has the bcrypt cost ${hash.cost}, above ${MAX_COST}: its user cannot sign in.`);
      return [];
    }
    // A hash that the application's own verifier has refused is not tried as plain bcrypt.
    const inputs = hash.inputs.filter((input) => !isForeign || input !== 'plain');
    return inputs.flatMap((input) => {
      const text = this.#inputOf(input, stored.pepperId, password);
      return text === null ? [] : [{ text, hash: hash.text, rounds: 2 ** hash.cost }];
    });
  }

  #inputOf(input: HashInput, pepperId: string | null, password: string): string | null {
    // The package ends a password at a NUL, so any password with the same beginning would pass.
    if (input === 'plain') return password.includes('\0') ? null : password;
    if (!pepperId) return digest(password, undefined);
    const pepper = this.options.peppers.find(({ id }) => id === pepperId);
    if (pepper) return digest(password, pepper);
    this.#logOnce(
      `Passwords were hashed with the pepper ${pepperId}, which is not configured: their users cannot sign in. Add it to peppers.`,
    );
    return null;
  }

  /** Any number of rounds is a sum of powers of two, and each power is one comparison of that cost. */
  async #spend(rounds: number): Promise<void> {
    for (let cost = MIN_COST; 2 ** cost <= rounds; cost++) {
      if (Math.floor(rounds / 2 ** cost) % 2 === 0) continue;
      await bcrypt.compare('', `$2b$${String(cost).padStart(2, '0')}$${this.#nobodysHash}`);
    }
  }

  #logOnce(message: string): void {
    if (this.#logged.size >= MAX_LOGGED || this.#logged.has(message)) return;
    this.#logged.add(message);
    this.#logger.error(message);
  }
}

/** Whether it could have been set as a password. */
export function isPassword(password: unknown): password is string {
  return (
    typeof password === 'string' &&
    password !== '' &&
    Buffer.byteLength(password) <= MAX_PASSWORD_BYTES &&
    isWellFormed(password)
  );
}

function digest(password: string, pepper: Pepper | undefined): string {
  return createHmac('sha384', pepper?.secret ?? '')
    .update(password.normalize('NFC'), 'utf8')
    .digest('base64');
}
