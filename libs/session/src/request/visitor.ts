import type { IncomingHttpHeaders } from 'node:http';
import { clientAddress, clientOf, platformView } from 'nest-gatehouse/common';
import type { SessionCause } from '../engine/session.events.js';
import type { ResolvedSessionOptions } from '../session.options.js';
import { noSessionOnSocket } from '../session.problems.js';

/** What Express and Fastify requests have in common. */
export interface PlatformRequest {
  readonly headers: IncomingHttpHeaders;
  readonly ip?: string;
  /** As the platform sees it, trusted proxies included. */
  readonly protocol?: string;
  readonly url?: string;
  /** Read for a socket's handshake only, which passes no platform. */
  readonly socket?: { readonly remoteAddress?: string };
}

/** The client that makes the request. */
export class Visitor {
  /** Whether the server itself says what `isPassive` asks. */
  isQuiet = false;

  /** @param request the platform's request; in Fastify's middleware, which runs before its hooks, the raw one */
  constructor(
    public request: PlatformRequest,
    private readonly options: ResolvedSessionOptions,
    /** A message on a socket: nothing can set a cookie or a header for its client. */
    readonly isMute = false,
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

  /** Whether the token travels by header: because it is the only transport, or the one that this client used. */
  get usesHeader(): boolean {
    const { transport, header } = this.options;
    return transport === 'header' || (transport === 'both' && this.request.headers[header] !== undefined);
  }

  /** Whether the client says that its user does nothing, as a page does that asks by itself. */
  get isPassive(): boolean {
    return this.isQuiet || this.request.headers['x-session-passive'] === '1';
  }

  /** What a new record says of its client. @throws 409 `no_session_on_socket` */
  newcomer() {
    if (this.isMute) throw noSessionOnSocket();
    return { client: this.request, ip: this.ip, userAgent: this.userAgent };
  }

  /** This request as the `cause` in the events of its session. */
  cause(actorId: string | null): Required<SessionCause> {
    const { ip, socket } = this.request;
    return {
      // The socket's peer is used for a bare handshake only: behind a proxy it would be the proxy's address.
      ip: ip === undefined && socket ? clientAddress(socket.remoteAddress) : this.ip,
      userAgent: this.userAgent ?? null,
      actorId,
    };
  }
}
