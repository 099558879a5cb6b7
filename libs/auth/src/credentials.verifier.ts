import { Injectable } from '@nestjs/common';
import { AuthStorage } from './auth-storage.js';
import { canonicalUsername } from './canonical-username.js';
import { HashQueue } from './hash-queue.js';
import { networkOf, type VisitorAddress } from './http-request.js';
import { LoginThrottle, type AttemptKeys } from './login-throttle.js';
import { PasswordHasher } from './password-hasher.js';
import type { UserRecord } from './user-store.js';

export type Verdict =
  | { readonly verified: true; readonly user: UserRecord }
  /** The reason and the user are for the audit trail alone. */
  | {
      readonly verified: false;
      readonly reason: 'unknown_user' | 'disabled' | 'no_password' | 'wrong_password';
      readonly user: UserRecord | null;
    };

/**
 * The one place where a password is checked. Unknown, disabled and hash-less users take the same steps and the same time as a wrong password
 * (OWASP ASVS 5.0, 6.3.8), and every attempt is counted before it is looked at.
 */
@Injectable()
export class CredentialsVerifier {
  constructor(
    private readonly storage: AuthStorage,
    private readonly throttle: LoginThrottle,
    private readonly queue: HashQueue,
    private readonly hasher: PasswordHasher,
  ) {}

  /** @throws 429 `too_many_attempts`, 503 `busy`, 503 `store_unavailable` */
  async verify(username: unknown, password: unknown, from: VisitorAddress): Promise<Verdict> {
    const canonical = canonicalUsername(username);
    const found = await this.storage.ask('users.find', () =>
      this.storage.users.findByCanonicalUsername(canonical ?? ''),
    );
    const user = canonical === null ? null : found;
    const typed = canonical ?? (typeof username === 'string' ? username : '');
    return this.#check(user, password, from, this.throttle.keysOf(typed, user, from));
  }

  /** For a user who is signed in: re-authentication, and the current password at a change. */
  verifyUser(user: UserRecord, password: unknown, from: VisitorAddress): Promise<Verdict> {
    const keys = this.throttle.keysOf(user.canonicalUsername, user, from);
    return this.#check(user, password, from, { ...keys, isKnown: true });
  }

  async #check(user: UserRecord | null, password: unknown, from: VisitorAddress, keys: AttemptKeys): Promise<Verdict> {
    await this.throttle.requireUnblocked(keys);
    const flow = { network: networkOf(from), username: keys.username, isKnown: keys.isKnown };
    // Counted only when its turn has come, so that those who wait are not each other's failures.
    return this.queue.run(async () => {
      await this.throttle.count(keys);
      const matches = await this.hasher.matches(user?.disabled ? null : user, password);
      if (!user) return { verified: false, reason: 'unknown_user', user };
      if (user.disabled) return { verified: false, reason: 'disabled', user };
      if (user.passwordHash === null) return { verified: false, reason: 'no_password', user };
      if (!matches) return { verified: false, reason: 'wrong_password', user };
      await this.throttle.succeeded(keys);
      return { verified: true, user: await this.#hashAnew(user, password as string) };
    }, flow);
  }

  /** The cost or the pepper has risen since: the one moment at which the password is known. */
  async #hashAnew(user: UserRecord, password: string): Promise<UserRecord> {
    if (!this.hasher.isOutdated(user)) return user;
    const hashed = await this.hasher.hash(password);
    const expected = { passwordHash: user.passwordHash };
    const raised = await this.storage.ask('users.update', () => this.storage.users.update(user.id, hashed, expected));
    return raised ?? user;
  }
}
