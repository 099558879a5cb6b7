import { Injectable } from '@nestjs/common';
import { ProblemException } from 'nest-gatehouse/common';
import { describeSession, type Session, type SessionInfo, SessionService } from 'nest-gatehouse/session';
import { setAside, swapSecret } from 'nest-gatehouse/session/identity';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuthStorage } from '../storage/auth-storage.js';
import { userLock } from '../users/session-limit.js';
import { toSignedInUser, type SignedInUser } from '../storage/user-record.js';
import type { UserRecord } from '../storage/user-store.js';

/** Whose session this is, as things are now. */
export interface SignedIn {
  readonly user: SignedInUser;
  readonly record: UserRecord;
  readonly session: SessionInfo;
}

const found = new WeakMap<object, SignedIn>();

const sockets = new WeakSet<object>();

/** This request's answer has been sent: it can deliver no new secret. */
export function markAsSocket(handshake: object): void {
  sockets.add(handshake);
}

/** What the guard found out about this request; undefined where nobody is signed in, or nobody asked. */
export function signedInOf(request: object): SignedIn | undefined {
  return found.get(request);
}

/** Tells who is signed in: by the account of now, not of the sign-in. */
@Injectable()
export class SignedInUsers {
  constructor(
    private readonly storage: AuthStorage,
    private readonly sessions: SessionService,
  ) {}

  /**
   * Ends the session of an account that is gone, disabled or of a later epoch, and swaps the secret of one whose rights have changed since it was issued
   * (OWASP ASVS 5.0, 7.2.4, 7.4.2). @throws 503 `store_unavailable`
   */
  async find(request: object, session: Session | undefined): Promise<SignedIn | undefined> {
    found.delete(request);
    const info = describeSession(session);
    const userId = info?.userId ?? null;
    if (userId === null || !info || !session) return undefined;
    const record = await this.storage.ask('users.find', () => this.storage.users.findById(userId));
    if (!record || record.disabled) return this.#end(request, session, info);
    if (info.userEpoch < record.epoch) return this.#endIfLeftBehind(request, session, info, userId);
    if (record.rightsChangedAt > info.secretIssuedAt && !sockets.has(request)) await swapSecret(session);
    const signedIn = { user: toSignedInUser(record), record, session: info };
    found.set(request, signedIn);
    return signedIn;
  }

  /**
   * Whoever ends a user's sessions raises the account's epoch first, and takes the one session that goes on along to it next, all under the user's lock. A
   * request of that session must not end it in between: while the lock is held, and once the session has been taken along, this request alone is refused.
   */
  async #endIfLeftBehind(request: object, session: Session, info: SessionInfo, userId: string): Promise<undefined> {
    const decide = async () => {
      const stored = await this.sessions.read(info.handle);
      const record = await this.storage.ask('users.find', () => this.storage.users.findById(userId));
      const isOver = stored !== null && (!record || stored.userEpoch < record.epoch);
      return isOver ? this.#end(request, session, info) : setAside(session);
    };
    try {
      await this.sessions.exclusively(userLock(userId), decide, 0);
    } catch (error) {
      if (!(error instanceof ProblemException) || error.code !== 'lock_timeout') throw error;
      await setAside(session);
    }
  }

  async #end(request: object, session: Session, { handle }: SessionInfo): Promise<undefined> {
    const { ip, userAgent } = auditOriginOf(request);
    await this.sessions.end(handle, 'revoked', { ip, userAgent });
    await session.destroy();
  }
}
