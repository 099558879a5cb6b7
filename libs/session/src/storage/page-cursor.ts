import { BadCursorError, type SessionPage } from './session-index.js';
import type { SessionSummary } from './session-record.js';

export type SessionSort = NonNullable<SessionPage['sort']>;

/** The last session of a page: what comes after it in a list is older, or as old with a lower handle. */
export interface PagePosition {
  readonly time: number;
  readonly handle: string;
}

const LONGEST_HANDLE = 256;

export function encodeCursor(sort: SessionSort, last: SessionSummary): string {
  return Buffer.from(JSON.stringify([sort, last[sort], last.handle])).toString('base64url');
}

/** @throws BadCursorError for anything that `encodeCursor` did not make for the same order. */
export function decodeCursor(sort: SessionSort, cursor: string): PagePosition {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new BadCursorError();
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw new BadCursorError();
  const [madeFor, time, handle] = parts as unknown[];
  if (madeFor !== sort || !Number.isFinite(time) || typeof handle !== 'string' || handle.length > LONGEST_HANDLE) {
    throw new BadCursorError();
  }
  return { time: time as number, handle };
}
