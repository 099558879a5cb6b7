import { COMMAND_LINE_ACTOR } from 'nest-gatehouse/auth/http';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';

/** Who ended a session. */
export interface EndedBy {
  readonly kind: 'user' | 'administrator' | 'system' | 'command-line';
  /** The username; of a deleted account its pseudonym. Null for the system and the command line. */
  readonly name: string | null;
}

/** @param nameOf the username of an account's id */
export function endedBy(
  { actorId, userId }: Pick<AuditEntry, 'actorId' | 'userId'>,
  nameOf: (id: string) => string | null,
): EndedBy {
  if (actorId === null) return { kind: 'system', name: null };
  if (actorId === COMMAND_LINE_ACTOR) return { kind: 'command-line', name: null };
  return { kind: actorId === userId ? 'user' : 'administrator', name: nameOf(actorId) };
}
