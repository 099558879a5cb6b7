import { Injectable } from '@nestjs/common';
import { SessionService } from 'nest-gatehouse/session';
import { lastAdministrator } from '../auth.problems.js';
import { AuthStorage } from '../storage/auth-storage.js';

/** The role that the routes and pages of administration require. */
export const ADMINISTRATOR_ROLE = 'admin';

const LOCK = 'administrators';

/** Sees to it that there is always an administrator who can sign in. */
@Injectable()
export class Administrators {
  constructor(
    private readonly storage: AuthStorage,
    private readonly sessions: SessionService,
  ) {}

  /**
   * Runs `work`, which takes the account or its role away, unless nobody else would be left with the role. Only one
   * such work runs at a time, over all processes on the storage.
   * @throws 409 `last_administrator`, 503 `lock_timeout`
   */
  keepingOne<T>(userId: string, work: () => Promise<T>): Promise<T> {
    return this.sessions.exclusively(LOCK, async () => {
      const { users } = this.storage;
      const user = await this.storage.ask('users.find', () => users.findById(userId));
      const isOne = user !== null && !user.disabled && user.roles.includes(ADMINISTRATOR_ROLE);
      if (isOne && !(await this.storage.ask('users.hasOther', () => users.hasOther(ADMINISTRATOR_ROLE, userId)))) {
        throw lastAdministrator();
      }
      return work();
    });
  }
}
