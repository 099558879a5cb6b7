import { hash, timingSafeEqual } from 'node:crypto';
import type { Randomness } from './randomness.js';

const SECRET_BYTES = 32;
const HASH_LENGTH = 43;

/** 256 random bits, as 43 base64url characters. */
export function newSecret(randomness: Randomness): string {
  return randomness.bytes(SECRET_BYTES).toString('base64url');
}

/** A fast hash is right here: the secret has 256 random bits, so it cannot be guessed (OWASP ASVS 5.0, 11.5.1). */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

const presentedBytes = Buffer.alloc(HASH_LENGTH);
const storedBytes = Buffer.alloc(HASH_LENGTH);

/** Compares two results of `hashSecret` in constant time. A stored text of another length is never the same. */
export function isSameHash(presented: string, stored: string): boolean {
  if (stored.length !== HASH_LENGTH) return false;
  presentedBytes.write(presented, 'latin1');
  storedBytes.write(stored, 'latin1');
  return timingSafeEqual(presentedBytes, storedBytes);
}
