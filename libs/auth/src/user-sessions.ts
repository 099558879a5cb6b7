import { Injectable } from '@nestjs/common';
import { SessionService, SessionStorage, type SessionCause } from 'nest-gatehouse/session';

/** Ends the sessions of a user whose account has changed. To be called under the user's lock, after the account's epoch was raised. */
@Injectable()
export class UserSessions {
  constructor(
    private readonly sessions: SessionService,
    private readonly storage: SessionStorage,
  ) {}

  /** The lowest epoch at which a session made now is a live one. */
  async epoch(userId: string, userEpoch: number): Promise<number> {
    return Math.max(userEpoch, await this.sessions.userEpoch(userId));
  }

  /**
   * Removes them, told as events, and moves the store's own epoch, so that one that was missed is over as well.
   * @param cause who asked for it @returns how many were removed
   */
  async end(userId: string, epoch: number, keep?: string, cause?: SessionCause): Promise<number> {
    // Without an index nothing can be found; the guard compares epochs at each request anyway.
    if (!this.storage.index) return 0;
    const ended = await this.sessions.endAll({ userId }, keep, cause);
    await this.sessions.setUserEpoch(userId, epoch);
    return ended;
  }
}
