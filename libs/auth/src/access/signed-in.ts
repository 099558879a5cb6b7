import { Inject, Injectable } from '@nestjs/common';
import { ProblemException } from 'nest-gatehouse/common';
import {
  describeSession,
  type EndReason,
  type Session,
  type SessionInfo,
  SessionService,
} from 'nest-gatehouse/session';
import { setAside, swapSecret } from 'nest-gatehouse/session/identity';
import { auditOriginOf } from '../audit/audit-origin.js';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { userLock } from '../users/session-limit.js';
import { toSignedInUser, type SignedInUser } from '../storage/user-record.js';
import type { UserRecord } from '../storage/user-store.js';

/** The user of a session, with the current account. */
export interface SignedIn {
  readonly user: SignedInUser;
  readonly record: UserRecord;
  readonly session: SessionInfo;
}

const found = new WeakMap<object, SignedIn>();

/** What Express and Fastify requests have in common here. */
interface UserBearer {
  user?: unknown;
  /** Fastify's. */
  readonly raw?: unknown;
}

/**
 * Who the guard has found signed in on this request, for guards, interceptors, filters and loggers; undefined if nobody
 * is, or the guard has not looked: in middleware, and on `@Public()` routes. Takes Fastify's request and the raw one.
 */
export function signedInOf(request: object): SignedIn | undefined {
  return found.get(request);
}

function remember(request: UserBearer, signedIn: SignedIn): void {
  found.set(request, signedIn);
  const raw = rawOf(request);
  if (raw) found.set(raw, signedIn);
  request.user = signedIn.user;
}

function forget(request: UserBearer): void {
  const before = found.get(request);
  if (before && request.user === before.user) delete request.user;
  found.delete(request);
  const raw = rawOf(request);
  if (raw) found.delete(raw);
}

/** Fastify's own. A message of a socket only inherits that of its handshake, which it shares with all other messages. */
function rawOf(request: UserBearer): object | undefined {
  const raw = Object.hasOwn(request, 'raw') ? request.raw : undefined;
  return typeof raw === 'object' && raw !== null ? raw : undefined;
}

/** Finds who is signed in, by the current account, not by what it was at the sign-in. */
@Injectable()
export class SignedInUsers {
  constructor(
    private readonly storage: AuthStorage,
    private readonly sessions: SessionService,
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
  ) {}

  /**
   * Ends the session if the account was deleted or disabled, or has a later epoch. Swaps the secret if the rights have
   * changed since it was issued (OWASP ASVS 5.0, 7.2.4, 7.4.2). @throws 503 `store_unavailable`
   */
  async find(request: object, session: Session | undefined): Promise<SignedIn | undefined> {
    forget(request);
    const info = describeSession(session);
    const userId = info?.userId ?? null;
    if (userId === null || !info || !session) return undefined;
    const record = await this.storage.ask('users.find', () => this.storage.users.findById(userId));
    if (!record || record.disabled) return this.#end(request, session, info, record);
    if (info.userEpoch < record.epoch) return this.#endIfLeftBehind(request, session, info, userId);
    if (record.rightsChangedAt > info.secretIssuedAt) await swapSecret(session);
    const user = { ...this.options.userFields?.({ ...record }), ...toSignedInUser(record) };
    const signedIn = { user, record, session: info };
    remember(request, signedIn);
    return signedIn;
  }

  /**
   * To end a user's sessions, the account's epoch is raised first; then the one session that is kept is moved to the
   * new epoch, all under the user's lock. A request of the kept session must not end it in between: while the lock is
   * held, or if the session was moved meanwhile, only this request is refused.
   */
  async #endIfLeftBehind(request: object, session: Session, info: SessionInfo, userId: string): Promise<undefined> {
    const decide = async () => {
      const stored = await this.sessions.read(info.handle);
      const record = await this.storage.ask('users.find', () => this.storage.users.findById(userId));
      const isRevoked = stored !== null && (!record || stored.userEpoch < record.epoch);
      return isRevoked ? this.#end(request, session, info, record) : setAside(session);
    };
    try {
      await this.sessions.exclusively(userLock(userId), decide, 0);
    } catch (error) {
      if (!(error instanceof ProblemException) || error.code !== 'lock_timeout') throw error;
      await setAside(session);
    }
  }

  async #end(request: object, session: Session, info: SessionInfo, record: UserRecord | null): Promise<undefined> {
    const { ip, userAgent } = auditOriginOf(request);
    await this.sessions.end(info.handle, reasonFor(record, info), { ip, userAgent });
    await session.destroy();
  }
}

/** Why the account as it is now does not admit this session any more. */
function reasonFor(record: UserRecord | null, { secretIssuedAt }: SessionInfo): EndReason {
  if (!record) return 'deleted';
  if (record.disabled) return 'disabled';
  return (record.passwordChangedAt ?? 0) >= secretIssuedAt ? 'password_changed' : 'administrator';
}
