import type { AuditNote } from 'nest-gatehouse/auth';
import type { SessionSummary } from 'nest-gatehouse/session/storage';

/** Who ends sessions, and from where. */
export type EndingCause = Pick<AuditNote, 'actorId' | 'ip' | 'userAgent'>;

/**
 * The sessions that a job is ending now, as it is stored with the job. If the process dies, another one can put on record
 * which of them have ended.
 */
export interface EndingStep {
  readonly cause: EndingCause;
  readonly sessions: readonly SteppedSession[];
  /** The process has died; these are the sessions that had ended when another one looked. */
  readonly seen?: true;
}

export type SteppedSession = Pick<
  SessionSummary,
  | 'handle'
  | 'userId'
  | 'username'
  | 'ip'
  | 'userAgent'
  | 'createdAt'
  | 'lastSeenAt'
  | 'idleExpiresAt'
  | 'absoluteExpiresAt'
  | 'authTime'
  | 'amr'
>;

export function stepText({ cause, sessions, seen }: EndingStep): string {
  const step: EndingStep = { cause, sessions: sessions.map(toStepped), ...(seen && { seen }) };
  return JSON.stringify(step);
}

export function parseStep(text: string): EndingStep {
  return JSON.parse(text) as EndingStep;
}

function toStepped(session: SteppedSession): SteppedSession {
  const { handle, userId, username, ip, userAgent, createdAt, lastSeenAt, ...rest } = session;
  const { idleExpiresAt, absoluteExpiresAt, authTime, amr } = rest;
  const ends = { idleExpiresAt, absoluteExpiresAt };
  return { handle, userId, username, ip, userAgent, createdAt, lastSeenAt, ...ends, authTime, amr };
}
