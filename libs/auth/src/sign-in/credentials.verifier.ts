import { Injectable } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import { AuthStorage } from '../storage/auth-storage.js';
import { canonicalUsername } from '../storage/canonical-username.js';
import { networkOf, type VisitorAddress } from '../http/http-request.js';
import { LoginThrottle, type AttemptKeys } from '../throttling/login-throttle.js';
import { isOneTime, OneTimePasswords } from '../passwords/one-time-password.js';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import { Passwords } from '../passwords/passwords.js';
import { hasSamePassword } from '../storage/user-record.js';
import type { UserRecord } from '../storage/user-store.js';

interface Attempt {
  readonly user: UserRecord | null;
  readonly password: unknown;
  readonly from: VisitorAddress;
  readonly keys: AttemptKeys;
  /** Whether the password is about to be replaced. */
  readonly isToChange: boolean;
}

type Closed = 'unknown_user' | 'disabled' | 'no_password' | 'one_time_expired' | 'one_time_used';
type Reason = Closed | 'wrong_password' | 'changed_meanwhile';

export type Verdict =
  | { readonly verified: true; readonly user: UserRecord }
  /** The reason and the user are for the audit trail only. */
  | { readonly verified: false; readonly reason: Reason; readonly user: UserRecord | null };

/**
 * The one place where a password is checked. An account that cannot sign in, because it is unknown, disabled, without a
 * hash or with an expired one-time password, takes the same steps and the same time as a wrong password (OWASP ASVS
 * 5.0, 6.3.8). Every attempt is counted before it is checked.
 */
@Injectable()
export class CredentialsVerifier {
  constructor(
    private readonly storage: AuthStorage,
    private readonly throttle: LoginThrottle,
    private readonly passwords: Passwords,
    private readonly oneTime: OneTimePasswords,
    private readonly clock: Clock,
  ) {}

  /**
   * Uses up a one-time password. @throws 429 `too_many_attempts`, 503 `busy`, `store_unavailable`,
   * `password_check_failed`
   */
  async verify(username: unknown, password: unknown, from: VisitorAddress): Promise<Verdict> {
    const canonical = canonicalUsername(username);
    const found = await this.storage.ask('users.find', () =>
      this.storage.users.findByCanonicalUsername(canonical ?? ''),
    );
    const user = canonical === null ? null : found;
    const typed = canonical ?? (typeof username === 'string' ? username : '');
    const keys = this.throttle.keysOf(typed, user, from);
    return this.#check({ user, password, from, keys, isToChange: false }, (hasher, proved) =>
      isOneTime(proved)
        ? this.#useUp(hasher, proved, password as string)
        : this.#hashAnew(hasher, proved, password as string),
    );
  }

  /** For a user who is signed in: re-authentication, and the current password at a change. */
  verifyUser(user: UserRecord, password: unknown, from: VisitorAddress, isToChange = false): Promise<Verdict> {
    const keys = { ...this.throttle.keysOf(user.canonicalUsername, user, from), isKnown: true };
    return this.#check({ user, password, from, keys, isToChange }, (hasher, proved) =>
      this.#hashAnew(hasher, proved, password as string),
    );
  }

  async #check(
    { user, password, from, keys, isToChange }: Attempt,
    finish: (hasher: PasswordHasher, proved: UserRecord) => Promise<UserRecord | null>,
  ): Promise<Verdict> {
    await this.throttle.requireUnblocked(keys);
    const flow = { network: networkOf(from), username: keys.username, isKnown: keys.isKnown };
    // Counted only when its turn has come, so that waiting attempts do not block each other.
    return this.passwords.inTurn(flow, async (hasher) => {
      await this.throttle.count(keys);
      const closed = this.#closed(user, isToChange);
      const matches = await hasher.matches(closed === null ? user : null, password);
      if (closed !== null) return { verified: false, reason: closed, user };
      if (!matches) return { verified: false, reason: 'wrong_password', user };
      const proved = await finish(hasher, user!);
      if (!proved) return { verified: false, reason: 'changed_meanwhile', user };
      await this.throttle.succeeded(keys);
      return { verified: true, user: proved };
    });
  }

  #closed(user: UserRecord | null, isToChange: boolean): Closed | null {
    if (!user) return 'unknown_user';
    if (user.disabled) return 'disabled';
    if (user.passwordHash === null) return 'no_password';
    return this.oneTime.refusal(user, isToChange);
  }

  /** Replaces a hash whose cost or pepper has changed, or that another program made. Only now is the password known. */
  async #hashAnew(hasher: PasswordHasher, user: UserRecord, password: string): Promise<UserRecord | null> {
    if (!hasher.isOutdated(user)) return user;
    const hashed = await hasher.hash(password);
    const expected = { passwordHash: user.passwordHash };
    const moved = await this.storage.ask('users.update', () => this.storage.users.update(user.id, hashed, expected));
    if (moved) return moved;
    // Either another sign-in has replaced the hash at the same time, and the proof is still valid; or the password was
    // changed.
    const present = await this.storage.ask('users.find', () => this.storage.users.findById(user.id));
    return present?.epoch === user.epoch && hasSamePassword(user, present) ? present : null;
  }

  /**
   * Null if it was used before. Of any number of parallel sign-ins, in any process, only one replaces the hash that all
   * have read.
   */
  async #useUp(hasher: PasswordHasher, user: UserRecord, password: string): Promise<UserRecord | null> {
    const changes = { ...(await hasher.hash(password)), oneTimeUsedAt: this.clock.now() };
    const expected = { passwordHash: user.passwordHash, epoch: user.epoch };
    return this.storage.ask('users.update', () => this.storage.users.update(user.id, changes, expected));
  }
}
