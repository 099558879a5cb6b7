import type { Awaitable } from 'nest-gatehouse/common';

/** One account. Times are milliseconds since the epoch. A record is a value; no store shares one by reference. */
export interface UserRecord {
  /** Opaque, unique, never reused. */
  readonly id: string;
  /** As the user wrote it, for display. */
  readonly username: string;
  /** `username` in NFKC and lower case: unique, and used to look up a login. */
  readonly canonicalUsername: string;
  /**
   * bcrypt, or a hash that the application's `PasswordVerifier` recognises; null for an account that cannot sign in by
   * password. Plain bcrypt of another program (`$2a$`, `$2b$`, `$2y$`, with the `pepperId` null) is accepted, and
   * replaced at its user's next sign-in.
   */
  readonly passwordHash: string | null;
  /**
   * The pepper of the hash; empty for none; null for a hash that another program or one of our first releases has made.
   */
  readonly pepperId: string | null;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  /** The password was set by somebody else and must be changed at the next sign-in. */
  readonly mustChangePassword: boolean;
  /** Until when a one-time password can be used; null or absent for any other password. */
  readonly oneTimeExpiresAt?: number | null;
  /** When it was used, which is possible once. Null before, and for any other password. */
  readonly oneTimeUsedAt?: number | null;
  /** Sessions of a lower epoch are revoked. Raised by a password change, disabling, and "log out everywhere". */
  readonly epoch: number;
  /** When roles or the password last changed: a session whose secret is older gets a new one at its next request. */
  readonly rightsChangedAt: number;
  /** Client networks of the last successful sign-ins, newest first, at most five. */
  readonly knownNetworks: readonly string[];
  readonly createdAt: number;
  readonly passwordChangedAt: number | null;
  readonly lastSignInAt: number | null;
}

export type NewUser = Pick<UserRecord, 'id' | 'username' | 'canonicalUsername' | 'createdAt'> & Partial<UserRecord>;

/** The fields that may change. `epoch` is raised by `raiseEpoch`, in the same atomic step. */
export type UserChanges = Partial<Omit<UserRecord, 'id' | 'createdAt' | 'epoch' | 'canonicalUsername' | 'username'>> & {
  /**
   * `true`: by one. A number: to one more than the higher of the epoch and this number. A store may also treat a number
   * as `true`: the caller checks the result, and raises the epoch again if needed. Never lowers it.
   */
  readonly raiseEpoch?: boolean | number;
};

/** What must still hold for an update; otherwise the result is null and nothing changes. */
export type UserExpectation = Partial<Pick<UserRecord, 'passwordHash' | 'epoch'>>;

export interface UserPage {
  /** 1 to 200. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
  /** Canonical usernames that begin with it. Default: all. */
  readonly prefix?: string;
}

export interface UserList {
  /** By canonical username, ascending. */
  readonly items: readonly UserRecord[];
  readonly next: string | null;
}

/**
 * Keeps accounts. The class is its own injection token; an application that has its own users table provides its own
 * `UserStore`. Each method is atomic. One that cannot do its work throws; it never answers "no such user" instead.
 */
export abstract class UserStore {
  /** @throws UsernameTakenError if the canonical username, or the id, is taken. */
  abstract insert(user: NewUser): Awaitable<UserRecord>;

  abstract findById(id: string): Awaitable<UserRecord | null>;

  abstract findByCanonicalUsername(canonicalUsername: string): Awaitable<UserRecord | null>;

  /** The new record; null if there is no such user or the expectation does not hold. Never upserts. */
  abstract update(id: string, changes: UserChanges, expected?: UserExpectation): Awaitable<UserRecord | null>;

  /** @throws BadCursorError */
  abstract list(page: UserPage): Awaitable<UserList>;

  /**
   * Whether there was such an account. The deletion is durable once this resolves. Default: not supported, for an
   * application that deletes its accounts itself. @throws DeletionUnsupportedError
   */
  delete(_id: string): Awaitable<boolean> {
    throw new DeletionUnsupportedError();
  }

  /** Whether an account other than this one has the role, and is not disabled. Default: looks through all of them. */
  async hasOther(role: string, exceptId: string): Promise<boolean> {
    let cursor: string | undefined;
    do {
      const { items, next } = await this.list({ limit: 200, cursor });
      if (items.some(({ id, roles, disabled }) => id !== exceptId && !disabled && roles.includes(role))) return true;
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    return false;
  }
}

export class DeletionUnsupportedError extends Error {
  constructor() {
    super('This UserStore cannot delete accounts; write its method `delete`, or delete them where they are kept.');
    this.name = 'DeletionUnsupportedError';
  }
}

export class UsernameTakenError extends Error {
  constructor(username: string) {
    super(`The username ${JSON.stringify(username)} is taken; choose another one.`);
    this.name = 'UsernameTakenError';
  }
}
