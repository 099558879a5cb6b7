import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalidUrl, problemOfStatus } from './problems.js';

type Next = (error?: unknown) => void;

/** Refuses what no route could answer, the same way on both platforms, before anything else looks at the request. */
export function requestDoor(request: IncomingMessage, _response: ServerResponse, next: Next): void {
  // Node would answer a missing Host itself, without a body; `acceptMissingHost` leaves it to us.
  if (request.httpVersion === '1.1' && request.headers.host === undefined) return next(problemOfStatus(400));
  next(isDecodable(request.url ?? '/') ? undefined : invalidUrl());
}

function isDecodable(url: string): boolean {
  const path = url.split('?', 1)[0]!;
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
