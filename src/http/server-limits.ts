import type { Server } from 'node:http';
import type { Configuration } from '../config/settings.js';

type Limits = Pick<
  Configuration,
  'REQUEST_TIMEOUT' | 'HEADERS_TIMEOUT' | 'KEEP_ALIVE_TIMEOUT' | 'SEND_TIMEOUT' | 'MAX_CONNECTIONS'
>;

/** Nobody may hold a connection for nothing: the same limits on both platforms, whatever they set themselves. */
export function limitServer(server: Server, limits: Limits): void {
  const headersTimeout = Math.min(limits.HEADERS_TIMEOUT, limits.REQUEST_TIMEOUT);
  Object.assign(server, {
    requestTimeout: limits.REQUEST_TIMEOUT,
    headersTimeout,
    // How often Node looks for requests that are late; by itself it does every 30 s.
    connectionsCheckingInterval: Math.max(50, Math.min(5_000, headersTimeout / 5)),
    keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT,
    timeout: limits.SEND_TIMEOUT,
    // Node would drop what exceeds its count without a word, a cookie or an `Origin` among it; `refusalAtTheDoor` refuses instead.
    maxHeadersCount: 0,
    // Node would answer a missing Host itself, without a body.
    requireHostHeader: false,
    // A client that has said all it wants to say still reads the answers.
    httpAllowHalfOpen: true,
  });
  if (limits.MAX_CONNECTIONS > 0) server.maxConnections = limits.MAX_CONNECTIONS;
}
