import type { Randomness } from 'nest-gatehouse/common';

const HANDLE_BYTES = 16;
const HANDLE_SHAPE = /^[A-Za-z0-9_-]{22}$/;

export function isHandle(text: unknown): text is string {
  return typeof text === 'string' && HANDLE_SHAPE.test(text);
}

/** 16 random bytes in base64url (22 characters). */
export function newHandle(randomness: Randomness): string {
  return randomness.bytes(HANDLE_BYTES).toString('base64url');
}
