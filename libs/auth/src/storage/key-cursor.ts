import { BadCursorError, decodeCursor, encodeCursor } from 'nest-gatehouse/common';

export type KeyList = 'users' | 'audit';

const MAX_KEY = 1_024;

/** The cursor of a list that is sorted by one unique text. For stores. */
export function encodeKeyCursor(list: KeyList, lastKey: string): string {
  return encodeCursor(list, [lastKey]);
}

/** @throws BadCursorError for anything that `encodeKeyCursor` did not make for the same list */
export function decodeKeyCursor(list: KeyList, cursor: string): string {
  const [key, ...more] = decodeCursor(list, cursor);
  if (more.length > 0 || typeof key !== 'string' || key.length > MAX_KEY) throw new BadCursorError();
  return key;
}
