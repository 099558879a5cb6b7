import type { AuditEntry, AuditFilter } from 'nest-gatehouse/auth/storage';

/** The nth entry of a trail, at the nth millisecond. */
export function anEntry(n: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  const nothing = { actorId: null, userId: null, username: null, handle: null, ip: null, userAgent: null };
  return {
    id: String(n).padStart(12, '0'),
    at: n,
    type: 'login.ok',
    ...nothing,
    detail: null,
    session: null,
    ...changes,
  };
}

/** Every kind of filter, for entries of `ann` and of nobody, `login.ok` and `logout`, from the first milliseconds. */
export const AUDIT_FILTERS: readonly AuditFilter[] = [
  {},
  { userId: 'ann' },
  { type: 'logout' },
  { userId: 'ann', type: 'logout' },
  { since: 10, before: 30 },
  { userId: 'ann', since: 10, before: 30 },
  { before: 5_000 },
  { since: 5_000 },
];
