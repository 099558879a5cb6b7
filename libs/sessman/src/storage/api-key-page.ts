import { BadCursorError, decodeCursor, encodeCursor } from 'nest-gatehouse/common';
import type { ApiKeyList, ApiKeyRecord } from './api-key-store.js';

/** The key after which a page begins, in the order of the list. */
export interface ApiKeyPosition {
  readonly createdAt: number;
  readonly id: string;
}

const LIST = 'api_keys';
const MAX_ID = 128;

/** @throws BadCursorError for anything that `apiKeyPage` did not make */
export function decodeApiKeyCursor(cursor: string): ApiKeyPosition {
  const [createdAt, id, ...more] = decodeCursor(LIST, cursor);
  if (more.length > 0 || !Number.isSafeInteger(createdAt) || typeof id !== 'string' || id.length > MAX_ID)
    throw new BadCursorError();
  return { createdAt: createdAt as number, id };
}

/** @param found in the order of the list, one more than the limit if there are more */
export function apiKeyPage(found: readonly ApiKeyRecord[], limit: number): ApiKeyList {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last && found.length > limit ? encodeCursor(LIST, [last.createdAt, last.id]) : null };
}
