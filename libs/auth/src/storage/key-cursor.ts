import { BadCursorError } from 'nest-gatehouse/session/storage';

export type KeyList = 'users' | 'audit';

const LONGEST_KEY = 1_024;

/** The cursor of a list in the order of one unique text. For stores. */
export function encodeKeyCursor(list: KeyList, lastKey: string): string {
  return Buffer.from(JSON.stringify([list, lastKey])).toString('base64url');
}

/** @throws BadCursorError for anything that `encodeKeyCursor` did not make for the same list. */
export function decodeKeyCursor(list: KeyList, cursor: string): string {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new BadCursorError();
  }
  const [madeFor, key] = Array.isArray(parts) && parts.length === 2 ? (parts as unknown[]) : [];
  if (madeFor !== list || typeof key !== 'string' || key.length > LONGEST_KEY) throw new BadCursorError();
  return key;
}
