import type { SessionInfo } from 'nest-gatehouse/session';
import type { UserRecord } from '../storage/user-store.js';

/** What users see of their account. Times are milliseconds since the epoch. */
export interface AccountView {
  readonly username: string;
  readonly roles: readonly string[];
  readonly createdAt: number;
  readonly passwordChangedAt: number | null;
  /** The start of the session that makes the request. */
  readonly signedInAt: number;
  readonly endsAt: number;
  readonly isRemembered: boolean;
}

export function viewAccount(user: UserRecord, session: SessionInfo): AccountView {
  const { username, roles, createdAt, passwordChangedAt } = user;
  return {
    ...{ username, roles, createdAt, passwordChangedAt },
    signedInAt: session.createdAt,
    endsAt: session.absoluteExpiresAt,
    isRemembered: session.persistent,
  };
}
