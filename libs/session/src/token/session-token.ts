import { hash, timingSafeEqual } from 'node:crypto';
import type { Randomness } from 'nest-gatehouse/common';
import type { SessionRecord } from '../storage/session-record.js';

/** What the client holds: `handle.secret`. Only the hash of the secret is ever stored. */
export interface SessionToken {
  readonly handle: string;
  readonly secret: string;
}

const HANDLE_BYTES = 16;
const SECRET_BYTES = 32;
const HANDLE_SHAPE = /^[A-Za-z0-9_-]{22}$/;
// Checked before every store access: a token of another shape is never looked up.
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/;
const HANDLE_LENGTH = 22;
const HASH_LENGTH = 43;

export function isHandle(text: unknown): text is string {
  return typeof text === 'string' && HANDLE_SHAPE.test(text);
}

export function newHandle(randomness: Randomness): string {
  return randomness.bytes(HANDLE_BYTES).toString('base64url');
}

export function newSecret(randomness: Randomness): string {
  return randomness.bytes(SECRET_BYTES).toString('base64url');
}

/** The token as it was sent, undecoded, or null if it cannot be one of ours. */
export function parseToken(text: string): SessionToken | null {
  if (!TOKEN_SHAPE.test(text)) return null;
  return { handle: text.slice(0, HANDLE_LENGTH), secret: text.slice(HANDLE_LENGTH + 1) };
}

export function formatToken(token: SessionToken): string {
  return `${token.handle}.${token.secret}`;
}

/** A fast hash is right here: the secret has 256 random bits, so it cannot be guessed (OWASP ASVS 5.0, 11.5.1). */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

const presentedBytes = Buffer.alloc(HASH_LENGTH);
const storedBytes = Buffer.alloc(HASH_LENGTH);

function sameHash(presented: string, stored: string): boolean {
  if (stored.length !== HASH_LENGTH) return false;
  presentedBytes.write(presented, 'latin1');
  storedBytes.write(stored, 'latin1');
  return timingSafeEqual(presentedBytes, storedBytes);
}

/** Which of the record's secrets this is, compared in constant time; null if neither. */
export function matchSecret(record: SessionRecord, secret: string, now: number): 'current' | 'former' | null {
  const presented = hashSecret(secret);
  if (sameHash(presented, record.secretHash)) return 'current';
  const graceRuns = record.formerSecretHash !== null && now < record.formerSecretUntil;
  return graceRuns && sameHash(presented, record.formerSecretHash) ? 'former' : null;
}
