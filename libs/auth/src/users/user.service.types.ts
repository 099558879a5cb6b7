import type { AuditNote } from '../audit/audit.service.js';
import type { UserRecord } from '../storage/user-store.js';

/** Who does it and from where, for the audit trail; empty for a command line. */
export type Actor = Pick<AuditNote, 'actorId' | 'handle' | 'ip' | 'userAgent'>;

export interface CreateUser {
  /**
   * How the application knows the user, such as `acme:` and the `sub` of an identity provider: at most 300 visible ASCII
   * characters. Ids, unlike usernames, tell upper from lower case. Default: random.
   */
  readonly id?: string;
  readonly username: string;
  /**
   * Default: the account gets a one-time password, which can be used once within `oneTimePasswordTtl` and must be
   * changed. `null`: it has none, for a user who signs in elsewhere and is signed in by `AuthService.establish`.
   */
  readonly password?: string | null;
  readonly roles?: readonly string[];
  /**
   * Whether the given password must be changed at the first sign-in. Default false, for a form where the owner chose
   * it; pass `true` if somebody else did.
   */
  readonly mustChangePassword?: boolean;
}

export interface CreatedUser {
  readonly user: UserRecord;
  /** To be shown once; it is kept nowhere. */
  readonly oneTimePassword: string | undefined;
}
