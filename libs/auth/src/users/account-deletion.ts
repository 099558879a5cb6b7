import { Injectable } from '@nestjs/common';
import { inBatches, Randomness } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';
import { AuditService, type AuditNote } from '../audit/audit.service.js';
import { deletionNotSupported, userNotFound } from '../auth.problems.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { DeletionUnsupportedError, type UserRecord } from '../storage/user-store.js';
import { LoginThrottle } from '../throttling/login-throttle.js';
import { Administrators } from './administrators.js';
import { UserSessions } from './user-sessions.service.js';

export interface DeleteUser {
  /**
   * What becomes of the account in the audit trail: its id and name are replaced by a pseudonym, by which the entries can
   * still be found, or kept. Default `'pseudonymise'`.
   */
  readonly trail?: 'pseudonymise' | 'keep';
  /** Erases what else belongs to the account, after its sessions have ended. If it fails, the account is disabled. */
  readonly erase?: (user: UserRecord) => Promise<void>;
}

const BATCH = 500;
const PSEUDONYM_BYTES = 9;

/** Deletes accounts. An interrupted deletion leaves a disabled account, and is completed by deleting it again. */
@Injectable()
export class AccountDeletion {
  constructor(
    private readonly storage: AuthStorage,
    private readonly administrators: Administrators,
    private readonly userSessions: UserSessions,
    private readonly sessions: SessionService,
    private readonly throttle: LoginThrottle,
    private readonly audit: AuditService,
    private readonly randomness: Randomness,
  ) {}

  /**
   * @returns under what the account is to be found in the audit trail
   * @throws 404 `user_not_found`, 409 `last_administrator`, 501 `deletion_not_supported`
   */
  delete(id: string, options: DeleteUser, by: AuditNote): Promise<string> {
    return this.administrators.keepingOne(id, () => this.#delete(id, options, by));
  }

  async #delete(id: string, { trail = 'pseudonymise', erase }: DeleteUser, by: AuditNote): Promise<string> {
    const ended = await this.userSessions.end(id, { reason: 'deleted', changes: { disabled: true }, cause: by });
    if (!ended) throw userNotFound();
    const { user } = ended;
    await erase?.(user);
    await this.throttle.unlock(user);
    const { username, canonicalUsername } = user;
    const keptName = trail === 'keep' ? canonicalUsername : null;
    await this.audit.record('user.deleted', { ...by, userId: id, username: keptName });
    const account = { id, usernames: [...new Set([username, canonicalUsername])] };
    const subject = trail === 'keep' ? id : `gone-${this.randomness.bytes(PSEUDONYM_BYTES).toString('base64url')}`;
    const rename = async () => {
      if (subject === id) return;
      await this.audit.settled();
      const some = () => this.storage.audit.pseudonymise(account, subject, BATCH);
      await inBatches(() => this.storage.ask('audit.pseudonymise', some));
    };
    await rename();
    await this.#remove(id);
    // Once more, for what a request of the account has still left while it was deleted.
    await rename();
    return subject;
  }

  async #remove(id: string): Promise<void> {
    try {
      await this.storage.ask('users.delete', () => this.storage.users.delete(id), DeletionUnsupportedError);
    } catch (error) {
      throw error instanceof DeletionUnsupportedError ? deletionNotSupported() : error;
    }
    await this.sessions.forgetUser(id);
  }
}
