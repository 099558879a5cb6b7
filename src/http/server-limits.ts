import type { Server } from 'node:http';
import type { Configuration } from '../config/settings.js';

type Limits = Pick<
  Configuration,
  'REQUEST_TIMEOUT' | 'HEADERS_TIMEOUT' | 'KEEP_ALIVE_TIMEOUT' | 'SEND_TIMEOUT' | 'MAX_CONNECTIONS'
>;

/** Limits that keep clients from occupying connections; the same on both platforms, whatever those set themselves. */
export function limitServer(server: Server, limits: Limits): void {
  const headersTimeout = Math.min(limits.HEADERS_TIMEOUT, limits.REQUEST_TIMEOUT);
  Object.assign(server, {
    requestTimeout: limits.REQUEST_TIMEOUT,
    headersTimeout,
    // How often Node checks for late requests; the default is every 30 s.
    connectionsCheckingInterval: Math.max(50, Math.min(5_000, headersTimeout / 5)),
    keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT,
    timeout: limits.SEND_TIMEOUT,
    // Node would silently drop headers beyond its limit, even a cookie or an `Origin`; `refusalAtTheDoor` refuses the
    // request instead.
    maxHeadersCount: 0,
    // Node would answer a missing Host itself, without a body.
    requireHostHeader: false,
    // A client that has closed its sending side can still read the answers.
    httpAllowHalfOpen: true,
  });
  if (limits.MAX_CONNECTIONS > 0) server.maxConnections = limits.MAX_CONNECTIONS;
}
