import { BadCursorError, decodeCursor, encodeCursor } from 'nest-gatehouse/common';
import type { SessionPage } from './session-index.js';
import type { SessionSummary } from './session-record.js';

export type SessionSort = NonNullable<SessionPage['sort']>;

/** The last session of a page: the ones after it are older, or as old with a lower handle. */
export interface PagePosition {
  readonly time: number;
  readonly handle: string;
}

const MAX_HANDLE = 256;

export function encodeSessionCursor(sort: SessionSort, last: SessionSummary): string {
  return encodeCursor(sort, [last[sort], last.handle]);
}

/** @throws BadCursorError for anything that `encodeSessionCursor` did not make for the same order */
export function decodeSessionCursor(sort: SessionSort, cursor: string): PagePosition {
  const [time, handle, ...more] = decodeCursor(sort, cursor);
  if (more.length > 0 || !isTime(time) || typeof handle !== 'string' || handle.length > MAX_HANDLE) {
    throw new BadCursorError();
  }
  return { time, handle };
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}
