import { hashSecret, isSameHash } from 'nest-gatehouse/common';
import type { SessionRecord } from '../storage/session-record.js';

/** What the client holds: `handle.secret`. Only the hash of the secret is ever stored. */
export interface SessionToken {
  readonly handle: string;
  readonly secret: string;
}

// Checked before every store access: a token of another shape is never looked up.
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/;
const HANDLE_LENGTH = 22;

/** The token as it was sent, undecoded, or null if it cannot be one of ours. */
export function parseToken(text: string): SessionToken | null {
  if (!TOKEN_SHAPE.test(text)) return null;
  return { handle: text.slice(0, HANDLE_LENGTH), secret: text.slice(HANDLE_LENGTH + 1) };
}

export function formatToken(token: SessionToken): string {
  return `${token.handle}.${token.secret}`;
}

/** Which of the record's secrets this is, compared in constant time; null if neither. */
export function matchSecret(record: SessionRecord, secret: string, now: number): 'current' | 'former' | null {
  const presented = hashSecret(secret);
  if (isSameHash(presented, record.secretHash)) return 'current';
  const graceRuns = record.formerSecretHash !== null && now < record.formerSecretUntil;
  return graceRuns && isSameHash(presented, record.formerSecretHash) ? 'former' : null;
}
