import type { ProblemDocument } from 'nest-gatehouse/common';
import type { SessionEngine } from '../engine/session-engine.js';
import type { PlatformRequest } from '../request/visitor.js';
import type { SessionAnswer } from '../request/session-answer.js';
import type { ProblemRequest, ResolvedSessionOptions } from '../session.options.js';

/** Headers that describe an answer which a problem has replaced. */
export const REPLACED_HEADERS = [
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'etag',
  'last-modified',
  'location',
  'set-cookie',
  'trailer',
  'transfer-encoding',
] as const;

/** Statuses that get our `Retry-After` where the application's own filter has set none. */
export const RETRIED: ReadonlySet<number> = new Set([429, 503]);

export type AnswerHeader = readonly [name: string, value: string];

/** The headers that `answer` adds. One that carries a secret replaces the handler's `Cache-Control`; see `isSecret`. */
export function addedHeaders(
  { header }: ResolvedSessionOptions,
  answer: SessionAnswer,
  has: (name: 'cache-control' | 'retry-after') => boolean,
  retryAfter: number | undefined,
): AnswerHeader[] {
  const { setCookie, token, noStore } = answer;
  const added: AnswerHeader[] = [];
  if (setCookie !== undefined) added.push(['set-cookie', setCookie]);
  if (token !== undefined) added.push([header, token]);
  if (noStore && (isSecret(answer) || !has('cache-control'))) added.push(['cache-control', 'no-store']);
  if (retryAfter !== undefined && !has('retry-after')) added.push(['retry-after', String(retryAfter)]);
  return added;
}

/**
 * Whether it carries a secret: such an answer must not be cached, whatever the handler says (OWASP ASVS 5.0, 14.3.2).
 */
export function isSecret({ setCookie, token }: SessionAnswer): boolean {
  return setCookie !== undefined || (token !== undefined && token !== '');
}

export interface ProblemBody {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The problem document, or the application's page for it if a browser asked for a page.
 * @param request the platform's request, which carries the session
 */
export function problemBody(
  engine: Pick<SessionEngine, 'options' | 'warn'>,
  problem: ProblemDocument,
  request: PlatformRequest,
): ProblemBody {
  const page = engine.options.renderProblem;
  if (page && request.headers.accept?.includes('text/html')) {
    try {
      return { contentType: 'text/html; charset=utf-8', body: page(problem, request as ProblemRequest) };
    } catch (error) {
      engine.warn('renderProblem failed; the problem document is sent instead', error);
    }
  }
  return { contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem) };
}
