import type { IncomingHttpHeaders } from 'node:http';
import type { ProblemDocument } from './problem.js';
import type { ResolvedSessionOptions } from './session.options.js';

/** What said something about an answer that is not sent after all. */
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
  'transfer-encoding',
] as const;

export interface ProblemBody {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The problem document, or the application's page of it for a browser that asked for a page.
 * @param request that of the platform, on which its session is
 */
export function problemBody(
  options: ResolvedSessionOptions,
  problem: ProblemDocument,
  headers: IncomingHttpHeaders,
  request: object = {},
): ProblemBody {
  const page = options.renderProblem;
  if (page && headers.accept?.includes('text/html'))
    return { contentType: 'text/html; charset=utf-8', body: page(problem, request) };
  return { contentType: 'application/problem+json; charset=utf-8', body: JSON.stringify(problem) };
}
