import { Injectable } from '@nestjs/common';
import { BadCursorError, clientNetwork, Clock, Randomness } from 'nest-gatehouse/common';
import type { EndReason } from 'nest-gatehouse/session';
import { isProgramUser, PROGRAM_USER_PREFIX } from 'nest-gatehouse/session/storage';
import type { AuditType } from '../storage/audit-log.js';
import type { AttemptCounter } from '../storage/login-attempts.js';
import { AuditService } from '../audit/audit.service.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { canonicalUsername } from '../storage/canonical-username.js';
import type { HashFlow } from '../passwords/hash-flow.js';
import { LoginThrottle } from '../throttling/login-throttle.js';
import { NOT_ONE_TIME, OneTimePasswords } from '../passwords/one-time-password.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { Passwords } from '../passwords/passwords.js';
import { userNotFound, usernameInvalid, usernameTaken } from '../auth.problems.js';
import { AccountDeletion, type DeleteUser } from './account-deletion.js';
import { ADMINISTRATOR_ROLE, Administrators } from './administrators.js';
import { rolesProblem } from './roles.js';
import type { Actor, CreatedUser, CreateUser } from './user.service.types.js';
import { UserSessions, type EndedSessions } from './user-sessions.service.js';
import {
  UsernameTakenError,
  type NewUser,
  type UserChanges,
  type UserList,
  type UserPage,
  type UserRecord,
} from '../storage/user-store.js';

const ID_BYTES = 16;
const USER_ID = /^[!-~]{1,300}$/;
const USER_ID_HELP = `id: expected 1 to 300 visible ASCII characters that do not begin with '${PROGRAM_USER_PREFIX}'; hash what is longer.`;
const NOBODY: Actor = {};

/**
 * Manages accounts, for the command line and administration. Each change of rights is audited and takes effect at the
 * user's next request. Methods that take an id throw 404 `user_not_found`, all throw 503 `store_unavailable`.
 */
@Injectable()
export class UserService {
  constructor(
    private readonly storage: AuthStorage,
    private readonly policy: PasswordPolicy,
    private readonly passwords: Passwords,
    private readonly throttle: LoginThrottle,
    private readonly userSessions: UserSessions,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    private readonly oneTime: OneTimePasswords,
    private readonly administrators: Administrators,
    private readonly deletion: AccountDeletion,
  ) {}

  /**
   * @throws 400 `username_invalid`, 409 `username_taken` (also if the id is taken), 422 `password_rejected`, RangeError
   * for an id that cannot be one
   */
  async create(
    { id, username, password, roles = [], mustChangePassword = false }: CreateUser,
    by = NOBODY,
  ): Promise<CreatedUser> {
    if (id !== undefined && (!USER_ID.test(id) || isProgramUser(id))) throw new RangeError(USER_ID_HELP);
    const canonical = canonicalUsername(username);
    if (canonical === null) throw usernameInvalid('must have 1 to 128 characters, and no invisible ones');
    if (username !== username.trim()) throw usernameInvalid('must not begin or end with a space');
    this.requireRoles(roles);
    if (typeof password === 'string') await this.policy.require('password', password, [username]);
    const generated = password === undefined ? this.oneTime.make() : undefined;
    const chosen = password ?? generated;
    const now = this.clock.now();
    const hashed = chosen === undefined ? {} : await this.passwords.hash(chosen, flowOf(by, canonical));
    const user = await this.#insert({
      id: id ?? this.randomness.bytes(ID_BYTES).toString('base64url'),
      username,
      canonicalUsername: canonical,
      createdAt: now,
      ...hashed,
      roles,
      mustChangePassword: generated !== undefined || (mustChangePassword && chosen !== undefined),
      ...(generated === undefined ? NOT_ONE_TIME : this.oneTime.unused()),
      rightsChangedAt: now,
      passwordChangedAt: chosen === undefined ? null : now,
    });
    if (generated !== undefined) this.oneTime.requireKept(user);
    await this.#note('user.created', user, by, user.roles.join(' '));
    return { user, oneTimePassword: generated };
  }

  /** By username, in any letter case. */
  async find(username: string): Promise<UserRecord | null> {
    const canonical = canonicalUsername(username);
    if (canonical === null) return null;
    return this.storage.ask('users.find', () => this.storage.users.findByCanonicalUsername(canonical));
  }

  async findById(id: string): Promise<UserRecord | null> {
    return this.storage.ask('users.find', () => this.storage.users.findById(id));
  }

  /** By username, ascending. @throws BadCursorError */
  async list(page: UserPage = { limit: 50 }): Promise<UserList> {
    return this.storage.ask('users.list', () => this.storage.users.list(page), BadCursorError);
  }

  /** @throws 400 `roles_invalid` */
  requireRoles(roles: readonly string[]): void {
    const wrong = rolesProblem(roles);
    if (wrong) throw wrong;
  }

  /** @throws 400 `roles_invalid`, 409 `last_administrator` */
  async setRoles(id: string, roles: readonly string[], by = NOBODY): Promise<UserRecord> {
    this.requireRoles(roles);
    const change = () => this.#update(id, { roles, rightsChangedAt: this.clock.now() });
    const user = roles.includes(ADMINISTRATOR_ROLE) ? await change() : await this.administrators.keepingOne(id, change);
    await this.#note('user.roles_changed', user, by, user.roles.join(' '));
    return user;
  }

  /** Ends all the user's sessions. @throws 409 `last_administrator` */
  async disable(id: string, by = NOBODY): Promise<UserRecord> {
    const end = () => this.#endSessions(id, 'disabled', { disabled: true }, by);
    const { user } = await this.administrators.keepingOne(id, end);
    await this.#note('user.disabled', user, by);
    return user;
  }

  /** Also ends sessions that were created for the account while it was disabled. */
  async enable(id: string, by = NOBODY): Promise<UserRecord> {
    const { user } = await this.#endSessions(id, 'administrator', { disabled: false }, by);
    await this.#note('user.enabled', user, by);
    return user;
  }

  /**
   * Ends all the user's sessions, and removes the account and what stands for it in the audit trail. A deletion that was
   * interrupted is completed by calling this again.
   * @returns under what the account is to be found in the trail
   * @throws 409 `last_administrator`, 501 `deletion_not_supported` by a `UserStore` of the application
   */
  delete(id: string, options: DeleteUser = {}, by = NOBODY): Promise<string> {
    return this.deletion.delete(id, options, by);
  }

  /** Failed attempts on this account, of all networks together the highest counter. */
  attempts(user: UserRecord): Promise<AttemptCounter> {
    return this.throttle.read(user);
  }

  /** Forgets the username's failed attempts. */
  async unlock(id: string, by = NOBODY): Promise<UserRecord> {
    const user = await this.#require(id);
    await this.throttle.unlock(user);
    await this.#note('user.unlocked', user, by);
    return user;
  }

  /** The user can do nothing else until the password is changed. */
  async requirePasswordChange(id: string, by = NOBODY): Promise<UserRecord> {
    const user = await this.#update(id, { mustChangePassword: true, rightsChangedAt: this.clock.now() });
    await this.#note('password.change_required', user, by);
    return user;
  }

  /**
   * Sets a password for another user, who must change it unless `mustChangePassword` is false. Ends all the user's
   * sessions. @throws 422 `password_rejected`
   */
  async setPassword(id: string, password: string, by = NOBODY, mustChangePassword = true): Promise<UserRecord> {
    const { username } = await this.#require(id);
    await this.policy.require('password', password, [username]);
    return this.#replacePassword(id, password, { mustChangePassword, ...NOT_ONE_TIME }, by);
  }

  /**
   * As `setPassword`, with a generated password that can be used once within `oneTimePasswordTtl`. @returns it, to be
   * shown once
   */
  async setOneTimePassword(id: string, by = NOBODY): Promise<string> {
    await this.#require(id);
    const password = this.oneTime.make();
    const changes = { mustChangePassword: true, ...this.oneTime.unused() };
    this.oneTime.requireKept(await this.#replacePassword(id, password, changes, by));
    return password;
  }

  /** Ends all the user's sessions, emitted as `session.ended`. @returns how many */
  async endSessions(id: string, by = NOBODY): Promise<number> {
    return (await this.#endSessions(id, 'administrator', {}, by)).ended;
  }

  async #replacePassword(id: string, password: string, changes: UserChanges, by: Actor): Promise<UserRecord> {
    const hashed = await this.passwords.hash(password, flowOf(by, id));
    const reset = { ...changes, ...hashed, passwordChangedAt: this.clock.now() };
    const { user } = await this.#endSessions(id, 'password_changed', reset, by);
    await this.#note('password.reset', user, by);
    return user;
  }

  async #endSessions(id: string, reason: EndReason, changes: UserChanges, cause: Actor): Promise<EndedSessions> {
    const rightsChangedAt = this.clock.now();
    const done = await this.userSessions.end(id, { reason, changes: { ...changes, rightsChangedAt }, cause });
    if (!done) throw userNotFound();
    return done;
  }

  async #insert(user: NewUser): Promise<UserRecord> {
    try {
      return await this.storage.ask('users.insert', () => this.storage.users.insert(user), UsernameTakenError);
    } catch (error) {
      throw error instanceof UsernameTakenError ? usernameTaken() : error;
    }
  }

  async #update(id: string, changes: UserChanges): Promise<UserRecord> {
    const user = await this.storage.ask('users.update', () => this.storage.users.update(id, changes));
    if (!user) throw userNotFound();
    return user;
  }

  async #require(id: string): Promise<UserRecord> {
    const user = await this.findById(id);
    if (!user) throw userNotFound();
    return user;
  }

  #note(type: AuditType, user: UserRecord, by: Actor, detail?: string): Promise<void> {
    return this.audit.record(type, { ...by, userId: user.id, detail: detail || null });
  }
}

/**
 * Without an actor or address the application itself does it, for example a command line. A visitor who registers is a
 * stranger.
 */
function flowOf({ actorId, ip }: Actor, username: string): HashFlow | undefined {
  const network = clientNetwork(ip);
  if (actorId) return { network, username: actorId, isKnown: true };
  return network === null ? undefined : { network, username, isKnown: false };
}
