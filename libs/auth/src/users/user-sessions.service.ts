import { Injectable } from '@nestjs/common';
import { Clock, ProblemException, Randomness } from 'nest-gatehouse/common';
import {
  describeSession,
  type EndReason,
  type Session,
  type SessionCause,
  SessionService,
  SessionStorage,
} from 'nest-gatehouse/session';
import {
  confirmIdentity,
  followEpoch,
  requireCurrentSecret,
  type SessionIdentity,
} from 'nest-gatehouse/session/identity';
import { AuthStorage } from '../storage/auth-storage.js';
import { userLock } from './session-limit.js';
import type { UserChanges, UserExpectation, UserRecord } from '../storage/user-store.js';

export interface EndOfSessions {
  /** Why, for the events. */
  readonly reason: EndReason;
  /** Other changes of the account, in the same atomic step as its epoch. Default: none. */
  readonly changes?: Omit<UserChanges, 'raiseEpoch'>;
  /** If the account is not like this any more, nothing happens. */
  readonly expected?: UserExpectation;
  /** The session of the request, which is kept with a new secret. Default: none is kept. */
  readonly keep?: KeptSession;
  /** Who asked for it, for the events. Default: no request. */
  readonly cause?: SessionCause;
}

export interface KeptSession {
  readonly session: Session;
  /** A proof of identity from this request, to be stored with it. */
  readonly proof?: Pick<SessionIdentity, 'amr'> & { readonly authTime: number };
}

export interface EndedSessions {
  /** The account as it is now. */
  readonly user: UserRecord;
  /** How many sessions have ended. */
  readonly ended: number;
}

const ID_BYTES = 16;

/**
 * Ends all sessions of a user, except that of the request if it is to be kept. Everything that ends all of a user's
 * sessions goes through here.
 *
 * A user's epoch is stored twice: in the account, where guards check it, and in the session store, which knows no
 * accounts. The account's epoch decides. It is raised first, above both, in the same atomic step as the change that is
 * the reason for the end. The other steps follow. Each of them may be interrupted, because the account has decided
 * already, and a note says what is left to do:
 *
 * 1. The kept session is written with the account's new epoch. Not before the account, or a refused change would leave
 * a session with a higher epoch, which survives the next end. Not after the store's epoch, which would revoke the
 * session, and a revoked session must not live again. The store decides: a session that was ended meanwhile is not
 * written.
 * 2. The store's epoch is raised by one. If the result is not the account's epoch, somebody without the user's lock has
 * ended this user's sessions in between, and the kept one has escaped that: then it is ended as well, and both epochs
 * are made equal.
 * 3. The records are removed, and the end of each is emitted.
 */
@Injectable()
export class UserSessions {
  constructor(
    private readonly storage: AuthStorage,
    private readonly sessions: SessionService,
    private readonly sessionStorage: SessionStorage,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /** The lowest epoch with which a new session is live. */
  async epoch(userId: string, userEpoch: number): Promise<number> {
    return Math.max(userEpoch, await this.sessions.userEpoch(userId));
  }

  /**
   * @returns null if there is no such user, or the account is not as expected: nothing has happened then.
   * @throws 401 `session_ended`, 409 `conflict` if the session to be kept has ended, or the request came with its
   * former secret: nothing has happened then; 503 `lock_timeout`, `store_unavailable`: what has begun is finished in
   * the background
   */
  end(userId: string, end: EndOfSessions): Promise<EndedSessions | null> {
    return this.sessions.exclusively(userLock(userId), async () => {
      if (end.keep) await requireCurrentSecret(end.keep.session);
      const id = this.randomness.bytes(ID_BYTES).toString('base64url');
      const note = { id, userId, begunAt: this.clock.now(), reason: end.reason };
      await this.storage.ask('ends.add', () => this.storage.ends.add(note));
      const ended = await this.#end(userId, end);
      // A leftover note does no harm.
      await this.storage.ask('ends.remove', () => this.storage.ends.remove(id)).catch(() => undefined);
      return ended;
    });
  }

  /**
   * Completes an interrupted end. Has no effect on a user whose ends are all complete. @throws 503 `store_unavailable`
   */
  async finish(userId: string, reason?: EndReason): Promise<void> {
    const user = await this.#level(userId, reason);
    if (!this.sessionStorage.index) return;
    if (!user) await this.sessions.raiseUserEpoch(userId, reason);
    await this.sessions.sweepUser(userId, reason);
  }

  async #end(userId: string, { reason, changes, expected, keep, cause }: EndOfSessions): Promise<EndedSessions | null> {
    const present = await this.#find(userId);
    if (!present) return null;
    const former = await this.#storesEpoch(userId, present.epoch);
    const raiseEpoch = former > present.epoch ? former : true;
    const user = await this.#raise(userId, former, { ...changes, raiseEpoch }, expected);
    if (!user) return null;

    let kept = keep && (await takeAlong(keep, user.epoch));
    // Without an index no session can be found; the guard compares the epochs at each request anyway.
    if (!this.sessionStorage.index) return { user, ended: 0 };
    const live = await this.sessions.count({ userId });
    const epoch = await this.sessions.raiseUserEpoch(userId, reason);
    const isAlone = epoch === user.epoch;
    if (kept !== undefined && !isAlone) {
      await this.sessions.end(kept, reason, cause);
      await keep!.session.destroy();
      kept = undefined;
    }
    // The epoch has ended all others, except sessions with a higher epoch: these are ended here.
    await this.sessions.endAll({ userId }, { except: kept, reason, cause });
    // The sessions are revoked already; if this fails, the next sweep removes them.
    await this.sessions.sweepUser(userId, reason, cause).catch(() => undefined);
    const level = isAlone ? user : await this.#level(userId, reason);
    return { user: level ?? user, ended: kept === undefined ? live : live - 1 };
  }

  /** Raises the account's epoch above `former`, also in an application's own store that can only raise it by one. */
  async #raise(
    userId: string,
    former: number,
    changes: UserChanges,
    expected?: UserExpectation,
  ): Promise<UserRecord | null> {
    let user = await this.#update(userId, changes, expected);
    while (user && user.epoch <= former) {
      const { epoch } = user;
      user = await this.#update(userId, { raiseEpoch: true });
      if (user && user.epoch <= epoch)
        throw new Error('UserStore.update did not raise the epoch, as `raiseEpoch` asks.');
    }
    return user;
  }

  /** Raises epochs until the account's and the store's are the same. */
  async #level(userId: string, reason?: EndReason): Promise<UserRecord | null> {
    for (;;) {
      const user = await this.#find(userId);
      if (!user) return null;
      const epoch = await this.#storesEpoch(userId, user.epoch, reason);
      if (user.epoch >= epoch) return user;
      await this.#raise(userId, epoch - 1, { raiseEpoch: epoch - 1 });
    }
  }

  /** The store's epoch, after raising it to the account's: the account has revoked the sessions in between already. */
  async #storesEpoch(userId: string, userEpoch: number, reason?: EndReason): Promise<number> {
    if (!this.sessionStorage.index) return userEpoch;
    const epoch = await this.sessions.userEpoch(userId);
    return epoch < userEpoch ? this.sessions.setUserEpoch(userId, userEpoch, reason) : epoch;
  }

  #find(userId: string): Promise<UserRecord | null> {
    return this.storage.ask('users.find', () => this.storage.users.findById(userId));
  }

  #update(userId: string, changes: UserChanges, expected?: UserExpectation): Promise<UserRecord | null> {
    return this.storage.ask('users.update', () => this.storage.users.update(userId, changes, expected));
  }
}

/** @returns its handle; undefined if it was ended since it was read */
async function takeAlong({ session, proof }: KeptSession, userEpoch: number): Promise<string | undefined> {
  const lives = proof
    ? confirmIdentity(session, { ...proof, userEpoch }).then(() => true)
    : followEpoch(session, userEpoch);
  try {
    return (await lives) ? describeSession(session)?.handle : undefined;
  } catch (error) {
    if (error instanceof ProblemException && error.code === 'session_ended') return undefined;
    throw error;
  }
}
