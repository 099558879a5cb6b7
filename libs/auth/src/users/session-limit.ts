import { Inject, Injectable, Logger } from '@nestjs/common';
import { type SessionCause, SessionService, SessionStorage } from 'nest-gatehouse/session';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { sessionLimit } from '../auth.problems.js';

const PAGE = 200;

/** Enforces `maxSessionsPerUser` (OWASP ASVS 5.0, 7.1.2). Exact only under the user's lock; see `userLock`. */
@Injectable()
export class SessionLimit {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly sessions: SessionService,
    storage: SessionStorage,
  ) {
    if (options.maxSessionsPerUser > 0 && !storage.index) {
      new Logger('Gatehouse').warn('maxSessionsPerUser does nothing: the session storage has no SessionIndex.');
      this.#isBlind = true;
    }
  }

  readonly #isBlind: boolean = false;

  /**
   * Ends the oldest until there is room for one more. @param replaced a session that ends with this sign-in anyway.
   * @throws 409 `session_limit`
   */
  async makeRoom(userId: string, replaced: string | undefined, cause?: SessionCause): Promise<void> {
    const { maxSessionsPerUser: most, sessionLimitPolicy } = this.options;
    if (most === 0 || this.#isBlind) return;
    const handles = await this.#newestFirst(userId, replaced);
    if (handles.length < most) return;
    if (sessionLimitPolicy === 'refuse') throw sessionLimit(most);
    for (const handle of handles.slice(most - 1)) await this.sessions.end(handle, 'limit', cause);
  }

  async #newestFirst(userId: string, replaced: string | undefined): Promise<string[]> {
    const handles: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.sessions.find({ userId }, { limit: PAGE, cursor });
      handles.push(...page.items.map(({ handle }) => handle));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return handles.filter((handle) => handle !== replaced);
  }
}

/**
 * The name of the lock that is held while a user's sessions are counted, or all ended, so that no process on the
 * storage signs the user in meanwhile.
 */
export function userLock(userId: string): string {
  return `user:${userId}`;
}
