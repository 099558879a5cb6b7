import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock, Randomness } from 'nest-gatehouse/common';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import type { UserRecord } from '../storage/user-store.js';

// 32 characters, so that each is equally likely; characters that look alike are left out.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const MIN_GROUPS = 6;
const GROUP_LENGTH = 4;

type OneTimeFields = Required<Pick<UserRecord, 'oneTimeExpiresAt' | 'oneTimeUsedAt'>>;

/** The fields of an account with any other password. */
export const NOT_ONE_TIME: OneTimeFields = { oneTimeExpiresAt: null, oneTimeUsedAt: null };

/**
 * Passwords for a single sign-in within `oneTimePasswordTtl`, at which the user must choose another (OWASP ASVS 5.0,
 * 6.4.1).
 */
@Injectable()
export class OneTimePasswords {
  readonly #logger = new Logger('Gatehouse');
  #hasComplained = false;

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: Pick<ResolvedAuthOptions, 'oneTimePasswordTtl' | 'password'>,
    private readonly randomness: Randomness,
    private readonly clock: Clock,
  ) {}

  /** 120 random bits, in groups that can be read out; longer if `minLength` requires it. */
  make(): string {
    const groups = Math.max(MIN_GROUPS, Math.ceil((this.options.password.minLength + 1) / (GROUP_LENGTH + 1)));
    const letters = Array.from(this.randomness.bytes(groups * GROUP_LENGTH), (byte) => ALPHABET[byte & 31]).join('');
    return letters.match(/.{4}/g)!.join('-');
  }

  unused(): OneTimeFields {
    return { oneTimeExpiresAt: this.clock.now() + this.options.oneTimePasswordTtl, oneTimeUsedAt: null };
  }

  /**
   * Why a one-time password is refused; null if it is not. @param isToChange whether it is about to be replaced, in the
   * session of its one sign-in
   */
  refusal(user: UserRecord, isToChange: boolean): 'one_time_expired' | 'one_time_used' | null {
    if (!isOneTime(user)) return null;
    if (user.oneTimeExpiresAt! <= this.clock.now()) return 'one_time_expired';
    return typeof user.oneTimeUsedAt === 'number' && !isToChange ? 'one_time_used' : null;
  }

  /** Logs an error if the application's own store drops the fields: its one-time passwords would then never expire. */
  requireKept(user: UserRecord): void {
    if (isOneTime(user) || this.#hasComplained) return;
    this.#hasComplained = true;
    this.#logger.error(
      'The UserStore does not keep oneTimeExpiresAt and oneTimeUsedAt: its one-time passwords sign in for ever. Add the two fields.',
    );
  }
}

export function isOneTime({ oneTimeExpiresAt }: UserRecord): boolean {
  return typeof oneTimeExpiresAt === 'number';
}
