import type { PageNotice } from './auth-pages.js';
import { bodyField } from '../http/http-request.js';

const NOTICES: readonly PageNotice[] = ['password-changed', 'session-ended', 'others-ended'];

/** The address of a page that says what has been done. */
export function withNotice(path: string, notice: PageNotice): string {
  return `${path}?done=${notice}`;
}

/** Null for anything but one of the known words. */
export function noticeOf(query: unknown): PageNotice | null {
  const done = bodyField(query, 'done');
  return NOTICES.find((notice) => notice === done) ?? null;
}
