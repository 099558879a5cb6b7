import type { AuditedAccount, AuditEntry } from './audit-log.js';

/** The entry with the pseudonym in place of the account's id and names; the same one if it has neither. For stores. */
export function pseudonymised(entry: AuditEntry, { id, usernames }: AuditedAccount, pseudonym: string): AuditEntry {
  const isOf = (text: string | null) => text === id;
  const isName = (text: string | null) => text !== null && usernames.includes(text);
  const { actorId, userId, username, session = null } = entry;
  const sessionsName = session?.username ?? null;
  if (![actorId, userId].some(isOf) && ![username, sessionsName].some(isName)) return entry;
  return Object.freeze({
    ...entry,
    actorId: isOf(actorId) ? pseudonym : actorId,
    userId: isOf(userId) ? pseudonym : userId,
    username: isName(username) ? pseudonym : username,
    session: session && isName(sessionsName) ? { ...session, username: pseudonym } : session,
  });
}
