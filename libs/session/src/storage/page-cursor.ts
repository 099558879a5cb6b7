import { BadCursorError, decodeCursor, encodeCursor } from 'nest-gatehouse/common';
import type { SessionPage } from './session-index.js';

export type SessionSort = NonNullable<SessionPage['sort']>;
export type SessionOrder = NonNullable<SessionPage['order']>;

/** The last session of a page: where the next one begins. */
export interface PagePosition {
  readonly time: number;
  readonly handle: string;
}

const MAX_HANDLE = 256;

/** @param last of the page */
export function encodeSessionCursor(sort: SessionSort, last: PagePosition, order: SessionOrder = 'descending'): string {
  return encodeCursor(nameOf(sort, order), [last.time, last.handle]);
}

/** @throws BadCursorError for anything that `encodeSessionCursor` did not make for the same order */
export function decodeSessionCursor(
  sort: SessionSort,
  cursor: string,
  order: SessionOrder = 'descending',
): PagePosition {
  const [time, handle, ...more] = decodeCursor(nameOf(sort, order), cursor);
  if (more.length > 0 || !isTime(time) || typeof handle !== 'string' || handle.length > MAX_HANDLE) {
    throw new BadCursorError();
  }
  return { time, handle };
}

function nameOf(sort: SessionSort, order: SessionOrder): string {
  return order === 'descending' ? sort : `${sort} ascending`;
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
