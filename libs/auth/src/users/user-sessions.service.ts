import { Injectable } from '@nestjs/common';
import { Clock, ProblemException, Randomness } from 'nest-gatehouse/common';
import {
  describeSession,
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
  /** What else of the account changes, in the same atomic step as its epoch. Default nothing. */
  readonly changes?: Omit<UserChanges, 'raiseEpoch'>;
  /** Unless the account is still so, nothing happens at all. */
  readonly expected?: UserExpectation;
  /** The session of the request, which goes on with a new secret. Default: none is kept. */
  readonly keep?: KeptSession;
  /** Who asks for it, for the events. Default: nobody's request. */
  readonly cause?: SessionCause;
}

export interface KeptSession {
  readonly session: Session;
  /** What a proof of identity in this request brought, to be written along. */
  readonly proof?: Pick<SessionIdentity, 'amr'> & { readonly authTime: number };
}

export interface EndedSessions {
  /** As it is now. */
  readonly user: UserRecord;
  /** How many sessions have ended. */
  readonly ended: number;
}

const ID_BYTES = 16;

/**
 * Ends all sessions of a user, the one of the request apart where it is to be kept. Everything that ends them goes through here.
 *
 * A user's epoch stands in the account, where guards look, and in the store of sessions, which knows no accounts. There is one truth, the account's: it is
 * raised first, to more than both, and together with what is the reason for the end. Only then comes the rest, each step of which may be missed, because the
 * account has decided already, and a note says what is left to do:
 *
 * 1. The kept session is written with the account's new epoch. Not before the account, or a refused change would leave a session that is ahead of it and
 *    survives the next end; and not after the store, which would take it for one of those that are over, and nothing that is over may live again. The store
 *    decides: a session that anybody has ended meanwhile is not written.
 * 2. The store's epoch is raised, by one. If what comes out is not the account's, somebody who does not take the user's lock has ended this user's sessions
 *    in between, which the kept one has slipped through: then it ends as well, and the epochs are levelled.
 * 3. The records are removed, and each end is told.
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

  /** The lowest epoch at which a session made now is a live one. */
  async epoch(userId: string, userEpoch: number): Promise<number> {
    return Math.max(userEpoch, await this.sessions.userEpoch(userId));
  }

  /**
   * @returns null where there is no such user, or the account is not as expected: nothing has happened then.
   * @throws 401 `session_ended`, 409 `conflict` where the session to be kept is over or the request came by its former secret: nothing has happened
   * then; 503 `lock_timeout`, `store_unavailable`: what has begun is finished in the background
   */
  end(userId: string, end: EndOfSessions = {}): Promise<EndedSessions | null> {
    return this.sessions.exclusively(userLock(userId), async () => {
      if (end.keep) await requireCurrentSecret(end.keep.session);
      const id = this.randomness.bytes(ID_BYTES).toString('base64url');
      const note = { id, userId, begunAt: this.clock.now() };
      await this.storage.ask('ends.add', () => this.storage.ends.add(note));
      const ended = await this.#end(userId, end);
      // A note too many does no harm.
      await this.storage.ask('ends.remove', () => this.storage.ends.remove(id)).catch(() => undefined);
      return ended;
    });
  }

  /** Does what an end that was interrupted has left to do. Without effect on a user whose ends are all complete. @throws 503 `store_unavailable` */
  async finish(userId: string): Promise<void> {
    const user = await this.#level(userId);
    if (!this.sessionStorage.index) return;
    if (!user) await this.sessions.raiseUserEpoch(userId);
    await this.sessions.sweepUser(userId);
  }

  async #end(userId: string, { changes, expected, keep, cause }: EndOfSessions): Promise<EndedSessions | null> {
    const present = await this.#find(userId);
    if (!present) return null;
    const former = await this.#storesEpoch(userId, present.epoch);
    const raiseEpoch = former > present.epoch ? former : true;
    const user = await this.#raise(userId, former, { ...changes, raiseEpoch }, expected);
    if (!user) return null;

    let kept = keep && (await takeAlong(keep, user.epoch));
    // Without an index nothing can be found; the guard compares epochs at each request anyway.
    if (!this.sessionStorage.index) return { user, ended: 0 };
    const live = await this.sessions.count({ userId });
    const epoch = await this.sessions.raiseUserEpoch(userId);
    const isAlone = epoch === user.epoch;
    if (kept !== undefined && !isAlone) {
      await this.sessions.end(kept, 'revoked', cause);
      await keep!.session.destroy();
      kept = undefined;
    }
    // Nothing lives that is not of this epoch, unless it was ahead of it.
    await this.sessions.endAll({ userId }, kept, cause);
    // They are over, and the next sweep would remove them as well.
    await this.sessions.sweepUser(userId, cause).catch(() => undefined);
    const level = isAlone ? user : await this.#level(userId);
    return { user: level ?? user, ended: kept === undefined ? live : live - 1 };
  }

  /** Raises the account's epoch to more than `former`, also in a store of the application's own that knows only how to raise it by one. */
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

  /** Until the account's epoch and the store's are the same. */
  async #level(userId: string): Promise<UserRecord | null> {
    for (;;) {
      const user = await this.#find(userId);
      if (!user) return null;
      const epoch = await this.#storesEpoch(userId, user.epoch);
      if (user.epoch >= epoch) return user;
      await this.#raise(userId, epoch - 1, { raiseEpoch: epoch - 1 });
    }
  }

  /** The store's epoch, which is brought up to the account's: the sessions in between are over by the account's word already. */
  async #storesEpoch(userId: string, userEpoch: number): Promise<number> {
    if (!this.sessionStorage.index) return userEpoch;
    const epoch = await this.sessions.userEpoch(userId);
    return epoch < userEpoch ? this.sessions.setUserEpoch(userId, userEpoch) : epoch;
  }

  #find(userId: string): Promise<UserRecord | null> {
    return this.storage.ask('users.find', () => this.storage.users.findById(userId));
  }

  #update(userId: string, changes: UserChanges, expected?: UserExpectation): Promise<UserRecord | null> {
    return this.storage.ask('users.update', () => this.storage.users.update(userId, changes, expected));
  }
}

/** @returns its handle; undefined where somebody has ended it since it was looked at */
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
