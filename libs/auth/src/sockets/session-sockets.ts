import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { describeSession, type Session, SessionEvents, SessionService } from 'nest-gatehouse/session';
import { connectionOf, type SocketConnection, SocketDoor } from 'nest-gatehouse/session/sockets';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { claimedOrigin, CrossSitePolicy } from '../cross-site/cross-site.policy.js';
import { SignedInUsers } from '../access/signed-in.js';
import { toSignedInUser, type SignedInUser } from '../storage/user-record.js';

/** Closes a socket whose session has ended: `close` of ws, `disconnect` of Socket.IO, or any function. */
export type CloseSocket = () => void;

interface TiedSocket {
  readonly close: CloseSocket;
  readonly mayStay: (user: SignedInUser) => boolean;
}

/** A socket that is tied by itself, with the secret that its session had when its token was last checked. */
interface FollowedSocket extends TiedSocket {
  readonly connection: SocketConnection;
  secretIssuedAt: number;
}

const MAX_AT_ONCE = 50;
const always = () => true;

/**
 * Ties open sockets to sessions: a socket closes within a second of its session's end (OWASP ASVS 5.0, 4.4.3, 7.4.1), or
 * of a new secret without grace, which shuts out whoever has the former one. Sockets that come in by `SocketDoor` are
 * tied by themselves. Ends in this process are seen by their event; ends in another process, and expiry, are found by
 * checking the sessions that have sockets.
 */
@Injectable()
export class SessionSockets implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #sockets = new Map<string, Set<TiedSocket | FollowedSocket>>();
  /** Whose session the store could not tell. */
  readonly #unknown = new Set<SocketConnection>();
  #timer: NodeJS.Timeout | undefined;
  #stop: (() => void) | undefined;
  #isChecking = false;

  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly sessions: SessionService,
    private readonly events: SessionEvents,
    private readonly users: SignedInUsers,
    private readonly policy: CrossSitePolicy,
    private readonly storage: AuthStorage,
    private readonly audit: AuditService,
    private readonly door: SocketDoor,
  ) {}

  onApplicationBootstrap(): void {
    this.#stop = this.events.on('session.ended', ({ handle }) => this.#close(handle));
    this.door.onOpen((connection) => void this.#follow(connection));
    this.#timer = setInterval(() => void this.#checkAll(), this.options.socketCheckInterval).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.#stop?.();
  }

  /**
   * Opens the session of a socket's handshake. @returns its user; undefined also for a handshake that another site's
   * page has sent (OWASP ASVS 5.0, 4.4.2). @throws 503 `store_unavailable`
   */
  async open(handshake: IncomingMessage & { session?: Session }): Promise<SignedInUser | undefined> {
    if (await this.#refuses(handshake)) return undefined;
    const session = await this.sessions.openFor(handshake);
    if (await this.#refuses(handshake)) return undefined;
    return (await this.users.find(handshake, session))?.user;
  }

  async #refuses(handshake: IncomingMessage): Promise<boolean> {
    if (!this.policy.refusesSocket(connectionOf(handshake).request)) return false;
    const detail = `socket, ${claimedOrigin(handshake.headers)}`;
    await this.audit.record('cross_site.refused', { ...auditOriginOf(handshake), detail });
    return true;
  }

  /**
   * @param close is called once when the session has ended; at once if it has already
   * @param mayStay whether the current account of the session's user still has the right to it; asked at every check,
   * so within a second. Default: every account has
   * @returns a function to call when the socket has closed by itself
   */
  async closeWithSession(
    handshake: Pick<IncomingMessage, 'headers'> & { readonly session?: Session },
    close: CloseSocket,
    mayStay: (user: SignedInUser) => boolean = always,
  ): Promise<() => void> {
    const info = describeSession(handshake.session);
    if (!info) {
      close();
      return () => undefined;
    }
    const forget = this.#add(info.handle, { close, mayStay });
    if (!(await this.sessions.read(info.handle))) this.#close(info.handle);
    return forget;
  }

  /** Never rejects: if the store does not answer, it is asked again with the next check. */
  async #follow(connection: SocketConnection): Promise<void> {
    if (!connection.isOpen) return void this.#unknown.delete(connection);
    try {
      const info = describeSession(await this.door.sessionOf(connection));
      const wasUnknown = this.#unknown.delete(connection);
      if (!connection.isOpen) return;
      // Its session may have ended before anybody could tell that it had one.
      if (!info) return wasUnknown ? connection.close() : undefined;
      const { handle, secretIssuedAt } = info;
      connection.afterClose(this.#add(handle, { ...tiedTo(connection), connection, secretIssuedAt }));
    } catch {
      if (connection.isOpen) this.#unknown.add(connection);
    }
  }

  #add(handle: string, socket: TiedSocket | FollowedSocket): () => void {
    const sockets = this.#sockets.get(handle) ?? new Set();
    this.#sockets.set(handle, sockets.add(socket));
    return () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#sockets.get(handle) === sockets) this.#sockets.delete(handle);
    };
  }

  #close(handle: string): void {
    const sockets = this.#sockets.get(handle);
    if (!sockets) return;
    this.#sockets.delete(handle);
    for (const socket of sockets) closeQuietly(socket);
  }

  #closeWithoutRight(handle: string, user: SignedInUser): void {
    const sockets = this.#sockets.get(handle) ?? new Set();
    for (const socket of sockets) {
      if (socket.mayStay(user)) continue;
      sockets.delete(socket);
      closeQuietly(socket);
    }
    if (sockets.size === 0) this.#sockets.delete(handle);
  }

  /**
   * One check at a time. If the store does not answer, nothing is closed, because no session is known to have ended.
   */
  async #checkAll(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    await someAtOnce([...this.#unknown], (connection) => this.#follow(connection));
    await someAtOnce([...this.#sockets.keys()], (handle) => this.#check(handle).catch(() => undefined));
    this.#isChecking = false;
  }

  async #check(handle: string): Promise<void> {
    const session = await this.sessions.read(handle);
    const { userId } = session ?? {};
    const user = userId ? await this.storage.ask('users.find', () => this.storage.users.findById(userId)) : null;
    const hasEnded = !session || (userId && (!user || user.disabled || user.epoch > session.userEpoch));
    if (hasEnded) return this.#close(handle);
    if (user) this.#closeWithoutRight(handle, toSignedInUser(user));
    await this.#checkSecret(handle, session.secretIssuedAt);
  }

  /** Sockets whose token was followed to the new secret may stay; where the store cannot tell, the next check asks again. */
  async #checkSecret(handle: string, secretIssuedAt: number): Promise<void> {
    for (const socket of this.#sockets.get(handle) ?? []) {
      if (!('connection' in socket) || socket.secretIssuedAt === secretIssuedAt) continue;
      const session = await this.door.sessionOf(socket.connection).catch(() => 'unknown' as const);
      if (session === undefined) closeQuietly(socket);
      else if (session !== 'unknown') socket.secretIssuedAt = secretIssuedAt;
    }
  }
}

async function someAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += MAX_AT_ONCE) await Promise.all(items.slice(at, at + MAX_AT_ONCE).map(work));
}

function tiedTo(connection: SocketConnection): TiedSocket {
  return { close: () => connection.close(), mayStay: always };
}

function closeQuietly({ close }: TiedSocket): void {
  try {
    close();
  } catch {
    // The socket has closed by itself; the others must still be closed.
  }
}
