import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';
import { warnOnce } from './client-warnings.js';
import { clientAddress, clientNetwork } from './client-address.js';
import { isUnixSocket, platformView, socketOf, THIS_MACHINE, withForwardedFor } from './platform-view.js';

/** Who is on the other end of a request, as far as its connection tells. */
export interface Client {
  /** For people to read, in lists and the audit trail: without a port. Null where it cannot be told. */
  readonly ip: string | null;
  /** For counting, see `clientNetwork`. Null where this client cannot be told from others, who must not be counted as one then. */
  readonly network: string | null;
}

/** What Express and Fastify requests have in common. */
export interface ClientRequest {
  readonly headers?: IncomingHttpHeaders;
  /** By the platform's word, trusted proxies included. */
  readonly ip?: string;
}

const UNKNOWN: Client = Object.freeze({ ip: null, network: null });
/** Where a reverse proxy stands. A client from the Internet does not come from these. */
const NEARBY: ReadonlySet<string> = new Set(['loopback', 'private', 'linkLocal', 'uniqueLocal', 'carrierGradeNat']);

/**
 * The one place that says whose request this is. Where a proxy that nobody trusts stands in the client's place, all its clients would have one address,
 * and three strangers' failures would lock everybody out: then the network is null, and a warning names the remedy, once.
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

/** By the platform. Where that is no plain address, it may have stopped at a proxy it trusts whose address carries a port: it knows no such spelling. */
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
