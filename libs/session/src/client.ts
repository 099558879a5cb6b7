import type { IncomingHttpHeaders } from 'node:http';
import { clientAddress, clientNetwork } from './client-network.js';

/** Who is on the other end of a request, as far as its connection tells. */
export interface Client {
  /** For people to read, in lists and the audit trail: without a port. Null where it cannot be told. */
  readonly ip: string | null;
  /** For counting, see `clientNetwork`. Null where this cannot be told from other clients, which must not be counted as one then. */
  readonly network: string | null;
}

/** What Express and Fastify requests have in common. */
export interface ClientRequest {
  readonly headers: IncomingHttpHeaders;
  /** By the platform's word, trusted proxies included. */
  readonly ip?: string;
}

/** The one place that says whose request this is. Never throws. */
export function clientOf({ ip }: ClientRequest): Client {
  return { ip: clientAddress(ip), network: clientNetwork(ip) };
}
