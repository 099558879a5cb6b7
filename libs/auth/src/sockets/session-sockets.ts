import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { describeSession, type Session, SessionEvents, SessionService } from 'nest-gatehouse/session';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { claimedOrigin, CrossSitePolicy } from '../cross-site/cross-site.policy.js';
import { markAsSocket, SignedInUsers } from '../access/signed-in.js';
import type { SignedInUser } from '../storage/user-record.js';

/** How a socket is told that its session is over: `close` of ws, `disconnect` of Socket.IO, or any function. */
export type CloseSocket = () => void;

const MOST_AT_ONCE = 50;

/**
 * Ties open sockets to sessions: a socket closes within a second of its session's end (OWASP ASVS 5.0, 4.4.3, 7.4.1). In this process by the event; what ends
 * in another one, or by its time, is found by looking at the handles that have sockets.
 */
@Injectable()
export class SessionSockets implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #sockets = new Map<string, Set<CloseSocket>>();
  #timer: NodeJS.Timeout | undefined;
  #stop: (() => void) | undefined;
  #looking = false;

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly sessions: SessionService,
    private readonly events: SessionEvents,
    private readonly users: SignedInUsers,
    private readonly policy: CrossSitePolicy,
    private readonly storage: AuthStorage,
    private readonly audit: AuditService,
  ) {}

  onApplicationBootstrap(): void {
    this.#stop = this.events.on('session.ended', ({ handle }) => this.#close(handle));
    this.#timer = setInterval(() => void this.#look(), this.options.socketCheckInterval).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.#stop?.();
  }

  /**
   * Opens the session of a socket's handshake and tells whose it is. A handshake that another site's page has sent is nobody's (OWASP ASVS 5.0, 4.4.2).
   * @param origin our own, where a proxy stands in front; default: what the handshake itself says. @throws 503 `store_unavailable`
   */
  async open(handshake: IncomingMessage & { session?: Session }, origin?: string): Promise<SignedInUser | undefined> {
    const { headers } = handshake;
    const isEncrypted = 'encrypted' in handshake.socket && handshake.socket.encrypted === true;
    const own = { headers, protocol: isEncrypted ? 'https' : 'http', host: headers.host };
    if (headers.origin !== origin && this.policy.isForeignOrigin(own)) {
      const detail = `socket, ${claimedOrigin(headers)}`;
      await this.audit.record('cross_site.refused', { ...auditOriginOf(handshake), detail });
      return undefined;
    }
    markAsSocket(handshake);
    const session = await this.sessions.openFor(handshake);
    return (await this.users.find(handshake, session))?.user;
  }

  /**
   * @param close is called once when the session is over; at once if it is already
   * @returns to be called when the socket has closed by itself
   */
  async closeWithSession(handshake: { readonly session?: Session }, close: CloseSocket): Promise<() => void> {
    const info = describeSession(handshake.session);
    if (!info) {
      close();
      return () => undefined;
    }
    const forget = this.#add(info.handle, close);
    if (!(await this.sessions.read(info.handle))) this.#close(info.handle);
    return forget;
  }

  #add(handle: string, close: CloseSocket): () => void {
    const sockets = this.#sockets.get(handle) ?? new Set();
    this.#sockets.set(handle, sockets.add(close));
    return () => {
      sockets.delete(close);
      if (sockets.size === 0 && this.#sockets.get(handle) === sockets) this.#sockets.delete(handle);
    };
  }

  #close(handle: string): void {
    const sockets = this.#sockets.get(handle);
    if (!sockets) return;
    this.#sockets.delete(handle);
    for (const close of sockets) {
      try {
        close();
      } catch {
        // It has closed by itself, and the others must not wait for it.
      }
    }
  }

  /** One look at a time. A store that does not answer closes nothing: it has told of no end. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const handles = [...this.#sockets.keys()];
    for (let at = 0; at < handles.length; at += MOST_AT_ONCE) {
      await Promise.all(
        handles.slice(at, at + MOST_AT_ONCE).map((handle) => this.#lookAt(handle).catch(() => undefined)),
      );
    }
    this.#looking = false;
  }

  async #lookAt(handle: string): Promise<void> {
    const session = await this.sessions.read(handle);
    const { userId } = session ?? {};
    const user = userId ? await this.storage.ask('users.find', () => this.storage.users.findById(userId)) : null;
    const isOver = !session || (userId && (!user || user.disabled || user.epoch > session.userEpoch));
    if (isOver) this.#close(handle);
  }
}
