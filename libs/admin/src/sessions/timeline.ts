import type { AuditEntry } from 'nest-gatehouse/auth/storage';

/** Something that happened to a session. */
export interface TimelineEvent {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly type: string;
  readonly detail: string | null;
  readonly ip: string | null;
  /** The username of whoever did it; null if that is not known. */
  readonly actor: string | null;
}

/** What entries of the trail are called in a timeline; the others keep their names. */
const TYPES: Readonly<Record<string, string>> = {
  'login.ok': 'signed_in',
  logout: 'signed_out',
  'session.renewed': 'renewed',
  'session.ended': 'ended',
  'session.conflict': 'conflict',
  'session.extended': 'extended',
  'password.changed': 'password_changed',
};

/** Of a refused token the reason is what matters. */
const REFUSALS: Readonly<Record<string, string>> = {
  wrong_secret: 'secret_refused',
  duplicate: 'secret_refused',
  data_invalid: 'data_invalid',
};

export function timelineType({ type, detail }: Pick<AuditEntry, 'type' | 'detail'>): string {
  if (type === 'session.refused') return REFUSALS[detail ?? ''] ?? 'secret_refused';
  return TYPES[type] ?? type.replaceAll('.', '_');
}

/** Oldest first. @param createdAt ISO 8601; null if it is not known */
export function timelineOf(
  entries: readonly AuditEntry[],
  createdAt: string | null,
  nameOf: (id: string) => string | null,
): TimelineEvent[] {
  const events = entries.map((entry) => ({
    at: new Date(entry.at).toISOString(),
    type: timelineType(entry),
    detail: entry.detail,
    ip: entry.ip,
    actor: entry.actorId === null ? null : nameOf(entry.actorId),
  }));
  const created = { type: 'created', detail: null, ip: null, actor: null };
  const all = createdAt === null ? events : [{ at: createdAt, ...created }, ...events];
  return all.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
