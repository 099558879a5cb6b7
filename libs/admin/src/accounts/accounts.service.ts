import { Inject, Injectable, Optional } from '@nestjs/common';
import { type Actor, UserService } from 'nest-gatehouse/auth';
import type { UserRecord } from 'nest-gatehouse/auth/storage';
import { SessionService } from 'nest-gatehouse/session';
import { ApiKeys } from 'nest-gatehouse/sessman';
import type { ResolvedAdminOptions } from '../admin.options.js';
import { orCursorInvalid, userNotFound } from '../admin.problems.js';
import { ADMIN_OPTIONS } from '../admin.tokens.js';
import { isoOr } from '../terms/times.js';
import { accountView, type AccountDetails, type AccountView } from './account-views.js';
import { PersonalData } from './personal-data.js';

export interface AccountList {
  readonly items: readonly AccountView[];
  readonly next: string | null;
}

export interface CreatedAccount extends Pick<
  AccountView,
  'id' | 'username' | 'roles' | 'disabled' | 'mustChangePassword'
> {
  /** Shown once; it is kept nowhere. */
  readonly oneTimePassword: string;
}

export interface AccountChanges {
  readonly roles?: readonly string[];
  readonly disabled?: boolean;
}

/** Accounts for administrators. All methods with an id throw 404 `user_not_found`. */
@Injectable()
export class AccountsService {
  constructor(
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    private readonly users: UserService,
    private readonly sessions: SessionService,
    @Optional() private readonly keys?: ApiKeys,
    @Optional() private readonly personalData?: PersonalData,
  ) {}

  /** By username. @throws 400 `cursor_invalid` */
  async list(page: { limit: number; cursor?: string; prefix?: string }): Promise<AccountList> {
    const { items, next } = await orCursorInvalid(this.users.list(page));
    return { items: items.map(accountView), next };
  }

  async read(id: string): Promise<AccountDetails> {
    const user = await this.require(id);
    const [sessions, attempts] = await Promise.all([this.sessions.count({ userId: id }), this.users.attempts(user)]);
    return {
      ...accountView(user),
      sessions,
      failures: attempts.failures,
      blockedUntil: isoOr(attempts.blockedUntil || null),
      passwordChangedAt: isoOr(user.passwordChangedAt),
    };
  }

  /** With a one-time password. @throws 400 `username_invalid`, `roles_invalid`, 409 `username_taken` */
  async create(username: string, roles: readonly string[], by: Actor): Promise<CreatedAccount> {
    const { user, oneTimePassword } = await this.users.create({ username, roles }, by);
    const { id, disabled, mustChangePassword } = user;
    const shown = { id, username: user.username, roles: [...user.roles], disabled, mustChangePassword };
    return { ...shown, oneTimePassword: oneTimePassword! };
  }

  /** Does what is not so yet. @throws 400 `roles_invalid`, 409 `last_administrator`: nothing was changed then */
  async change(id: string, { roles, disabled }: AccountChanges, by: Actor): Promise<AccountView> {
    let user = await this.require(id);
    if (roles !== undefined) this.users.requireRoles(roles);
    // First what may be refused because it is the last administrator; of a disabled one the roles may go.
    if (disabled === true && !user.disabled) user = await this.users.disable(id, by);
    if (roles !== undefined && !isSame(roles, user.roles)) user = await this.users.setRoles(id, roles, by);
    if (disabled === false && user.disabled) user = await this.users.enable(id, by);
    return accountView(user);
  }

  async unlock(id: string, by: Actor): Promise<AccountView> {
    return accountView(await this.users.unlock(id, by));
  }

  async requirePasswordChange(id: string, by: Actor): Promise<AccountView> {
    return accountView(await this.users.requirePasswordChange(id, by));
  }

  /** @returns how many */
  endSessions(id: string, by: Actor): Promise<number> {
    return this.users.endSessions(id, by);
  }

  /**
   * Ends the sessions, deletes the API keys, erases the application's own data, then the account. An interrupted deletion
   * leaves a disabled account, and is completed by repeating. @throws 409 `last_administrator`, 501
   * `deletion_not_supported`
   */
  async delete(id: string, by: Actor): Promise<void> {
    const erase = async (user: UserRecord) => {
      await this.keys?.revokeOwnedBy(id);
      await this.personalData?.erase({ id, username: user.username });
    };
    await this.users.delete(id, { trail: this.options.onUserDelete, erase }, by);
  }

  async require(id: string): Promise<UserRecord> {
    const user = await this.users.findById(id);
    if (!user) throw userNotFound();
    return user;
  }
}

function isSame(wanted: readonly string[], present: readonly string[]): boolean {
  return wanted.length === present.length && wanted.every((role) => present.includes(role));
}
