import type { IncomingHttpHeaders } from 'node:http';
import { clientAddress, clientOf, platformView } from 'nest-gatehouse/common';
import type { SessionCause } from '../engine/session.events.js';
import type { ResolvedSessionOptions } from '../session.options.js';

/** What Express and Fastify requests have in common. */
export interface PlatformRequest {
  readonly headers: IncomingHttpHeaders;
  readonly ip?: string;
  /** By the platform's word, trusted proxies included. */
  readonly protocol?: string;
  /** Of a socket's handshake, which no platform has looked at. */
  readonly socket?: { readonly remoteAddress?: string };
}

/** Who asks. */
export class Visitor {
  /** @param request the platform's own from its hooks on; middleware on Fastify runs before them, and has the raw one */
  constructor(
    public request: PlatformRequest,
    private readonly options: ResolvedSessionOptions,
  ) {}

  get ip(): string | null {
    return clientOf(this.request).ip;
  }

  get userAgent(): string | undefined {
    return this.request.headers['user-agent'];
  }

  get isHttps(): boolean {
    return platformView(this.request).protocol === 'https';
  }

  /** Whether the token goes by header: the only transport, or the one this client used. */
  get usesHeader(): boolean {
    const { transport, header } = this.options;
    return transport === 'header' || (transport === 'both' && this.request.headers[header] !== undefined);
  }

  /** This request, as the cause of what it does to its session. */
  cause(actorId: string | null): Required<SessionCause> {
    const { ip, socket } = this.request;
    return {
      // Only a bare handshake is asked for its peer: behind a proxy that would be the proxy's address.
      ip: ip === undefined && socket ? clientAddress(socket.remoteAddress) : this.ip,
      userAgent: this.userAgent ?? null,
      actorId,
    };
  }
}
