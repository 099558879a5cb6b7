import type { NewUser, UserChanges, UserRecord } from './user-store.js';

/** How many of a user's networks are remembered. */
export const KNOWN_NETWORKS = 5;

/** What users may know of their own account, and handlers get as `@CurrentUser()`. */
export interface SignedInUser {
  readonly id: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly mustChangePassword: boolean;
}

export function toSignedInUser({ id, username, roles, mustChangePassword }: UserRecord): SignedInUser {
  return { id, username, roles: [...roles], mustChangePassword };
}

/**
 * Whether the password is still the same. A sign-in at the same time may have replaced only its hash: by one of another
 * cost or pepper, or that of another program by ours.
 */
export function hasSamePassword(before: UserRecord, now: UserRecord): boolean {
  if (before.passwordHash === now.passwordHash) return true;
  return (
    before.passwordHash !== null && now.passwordHash !== null && before.passwordChangedAt === now.passwordChangedAt
  );
}

/** A complete frozen record; what is not given gets the value of an unused account. For stores. */
export function newUserRecord(user: NewUser): UserRecord {
  return frozenUser({
    id: user.id,
    username: user.username,
    canonicalUsername: user.canonicalUsername,
    passwordHash: user.passwordHash ?? null,
    pepperId: user.pepperId ?? null,
    roles: user.roles ?? [],
    disabled: user.disabled ?? false,
    mustChangePassword: user.mustChangePassword ?? false,
    oneTimeExpiresAt: user.oneTimeExpiresAt ?? null,
    oneTimeUsedAt: user.oneTimeUsedAt ?? null,
    epoch: user.epoch ?? 0,
    rightsChangedAt: user.rightsChangedAt ?? user.createdAt,
    knownNetworks: user.knownNetworks ?? [],
    createdAt: user.createdAt,
    passwordChangedAt: user.passwordChangedAt ?? null,
    lastSignInAt: user.lastSignInAt ?? null,
  });
}

/** The record after an update. `undefined` counts as not given. For stores. */
export function changedUserRecord(user: UserRecord, { raiseEpoch, ...changes }: UserChanges): UserRecord {
  const given = Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as Partial<UserRecord>;
  return frozenUser({ ...user, ...given, epoch: raisedEpoch(user.epoch, raiseEpoch) });
}

function raisedEpoch(epoch: number, raise: UserChanges['raiseEpoch'] = false): number {
  if (raise === false) return epoch;
  return (raise === true ? epoch : Math.max(epoch, raise)) + 1;
}

function frozenUser(user: UserRecord): UserRecord {
  const knownNetworks = Object.freeze(user.knownNetworks.slice(0, KNOWN_NETWORKS));
  return Object.freeze({ ...user, roles: Object.freeze([...user.roles]), knownNetworks });
}
