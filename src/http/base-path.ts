import type { IncomingMessage } from 'node:http';
import { forwardedPrefix, platformView } from 'nest-gatehouse/common';
import type { Configuration } from '../config/settings.js';

/** Reads the base path before the platform sees the request, so that refusals at the door have it too. */
export function basePathReader({ BASE_PATH, TRUST_PROXY }: Configuration): (request: IncomingMessage) => string {
  const trusts = (request: IncomingMessage) =>
    TRUST_PROXY !== false && TRUST_PROXY(platformView(request).socket.remoteAddress ?? '', 0);
  return (request) => BASE_PATH ?? forwardedPrefix(request, trusts);
}
