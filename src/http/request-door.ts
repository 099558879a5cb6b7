import type { IncomingMessage } from 'node:http';
import type { ProblemException } from 'nest-gatehouse/common';
import { invalidUrl, problemOfStatus } from './problems.js';
import { normaliseTarget } from './request-target.js';

export interface DoorLimits {
  /** In bytes. */
  readonly maxBody: number;
  /** How many header lines a request may have. */
  readonly maxHeaders: number;
}

const HOST = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/** Refuses requests that no route could answer, in the same way on both platforms, before any other check. */
export function refusalAtTheDoor(request: IncomingMessage, limits: DoorLimits): ProblemException | undefined {
  if (request.httpVersionMajor !== 1) return problemOfStatus(400);
  if (request.rawHeaders.length > 2 * limits.maxHeaders) return problemOfStatus(431);
  if (!normaliseTarget(request)) return invalidUrl();
  if (!hasOneHost(request)) return problemOfStatus(400);
  if (!isExpectationMet(request)) return problemOfStatus(417);
  return refusalOfBody(request, limits.maxBody);
}

/**
 * RFC 9112, 3.2: an HTTP/1.1 request has one Host. With a second one a proxy and the server could be made to disagree.
 */
function hasOneHost({ rawHeaders, headers, httpVersionMinor }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.length === 4 && rawHeaders[at]!.toLowerCase() === 'host') hosts++;
  }
  return hosts < 2 && (hosts === 1 || httpVersionMinor === 0) && HOST.test(headers.host ?? '');
}

/** RFC 9110, 10.1.1. HTTP/1.0 has no expectations. */
function isExpectationMet({ headers, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMinor === 0 || headers.expect === undefined || headers.expect.toLowerCase() === '100-continue';
}

/** RFC 9112, 6.1 and 6.3: the end of a body must be unambiguous. */
function refusalOfBody({ headers, httpVersionMinor }: IncomingMessage, most: number): ProblemException | undefined {
  const codings = headers['transfer-encoding']?.toLowerCase().split(/\s*,\s*/);
  if (codings && (httpVersionMinor === 0 || codings.at(-1) !== 'chunked')) return problemOfStatus(400);
  if (codings && codings.length > 1) return problemOfStatus(415);
  return Number(headers['content-length'] ?? 0) > most ? problemOfStatus(413) : undefined;
}
