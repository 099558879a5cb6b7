import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';
import { warnOnce } from './client-warnings.js';
import { clientAddress, clientNetwork } from './client-address.js';
import { isUnixSocket, platformView, socketOf, THIS_MACHINE, withForwardedFor } from './platform-view.js';

/** The client of a request, as far as its connection shows. */
export interface Client {
  /** For people to read, in lists and the audit trail; without a port. Null if unknown. */
  readonly ip: string | null;
  /**
   * For counting, see `clientNetwork`. Null if this client cannot be told from others: they must not be counted
   * together then.
   */
  readonly network: string | null;
}

/** What Express and Fastify requests have in common. */
export interface ClientRequest {
  readonly headers?: IncomingHttpHeaders;
  /** As the platform sees it, trusted proxies included. */
  readonly ip?: string;
}

const UNKNOWN: Client = Object.freeze({ ip: null, network: null });
/** Address ranges in which a reverse proxy may be. Clients from the Internet have no such address. */
const NEARBY: ReadonlySet<string> = new Set(['loopback', 'private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);

/**
 * The one place that determines the client of a request. Behind a proxy that is not trusted, all clients would have the
 * proxy's address, and a few strangers' failures would lock everybody out. In that case the network is null, and a
 * warning names the remedy, once.
 */
export function clientOf(request: ClientRequest): Client {
  const socket = socketOf(request);
  const isLocal = socket !== undefined && isUnixSocket(socket);
  const peer = isLocal ? THIS_MACHINE : clientAddress(socket?.remoteAddress);
  const said = saidAddress(request);
  const ip = clientAddress(said);
  if (ip === null) {
    if (said) warnOnce(socket, 'unreadable');
    return UNKNOWN;
  }
  if (isLocal && ip === THIS_MACHINE) {
    warnOnce(socket, 'unix socket');
    return UNKNOWN;
  }
  if (ip === peer && NEARBY.has(ipaddr.parse(ip).range()) && speaksForAnother(request.headers, ip)) {
    warnOnce(socket, 'proxy', ip);
    return { ip, network: null };
  }
  return { ip, network: clientNetwork(ip) };
}

/**
 * The client's address as the platform sees it. If that is not in canonical form, the platform may have stopped at a
 * trusted proxy whose address has a port, a form it does not recognise; then it is computed again from canonical
 * addresses.
 */
function saidAddress(request: ClientRequest): string | undefined {
  const view = platformView(request);
  const said = view.ip;
  const forwarded = request.headers?.['x-forwarded-for'];
  if (said === undefined || typeof forwarded !== 'string' || clientAddress(said) === said) return said;
  const plain = forwarded.split(',').map((text) => clientAddress(text) ?? text.trim());
  return withForwardedFor(view, plain.join(', ')).ip;
}

function speaksForAnother(headers: IncomingHttpHeaders = {}, ip: string): boolean {
  if (headers.forwarded) return true;
  const claims = [headers['x-forwarded-for'], headers['x-real-ip']].flat().flatMap((text) => text?.split(',') ?? []);
  return claims.some((text) => text.trim() !== '' && clientAddress(text) !== ip);
}
