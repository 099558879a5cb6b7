import type { UserRecord } from 'nest-gatehouse/auth/storage';
import { iso, isoOr } from '../terms/times.js';

/** An account as administrators see it in lists. Times are ISO 8601 in UTC. */
export interface AccountView {
  readonly id: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
}

/** One account. */
export interface AccountDetails extends AccountView {
  /** How many live sessions it has. */
  readonly sessions: number;
  /** Failed sign-ins since the last success. */
  readonly failures: number;
  /** Until when further attempts are refused; null if the next one is looked at. */
  readonly blockedUntil: string | null;
  readonly passwordChangedAt: string | null;
}

export function accountView(user: UserRecord): AccountView {
  const { id, username, roles, disabled, mustChangePassword, createdAt, lastSignInAt } = user;
  const times = { createdAt: iso(createdAt), lastSignInAt: isoOr(lastSignInAt) };
  return { id, username, roles: [...roles], disabled, mustChangePassword, ...times };
}
